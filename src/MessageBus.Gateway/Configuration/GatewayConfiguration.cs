using System.ComponentModel.DataAnnotations;
using MessageBus.EmbeddedRedis;
using MessageBus.Redis;

namespace MessageBus.Gateway.Configuration;

/// <summary>Reads the configuration (appsettings.json, then secret files, then environment, then command line) and builds on it.</summary>
internal static class GatewayConfiguration
{
    /// <summary>appsettings.json is the one beside the program, wherever it is started from.</summary>
    /// <exception cref="ConfigurationProblem">The secrets cannot be read.</exception>
    public static WebApplicationBuilder NewBuilder(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddSecretFiles();
        RenamedKeys.AddTo(builder.Configuration);
        return builder;
    }

    /// <exception cref="ConfigurationProblem">A key is unknown or a value is wrong.</exception>
    public static GatewayOptions ReadGatewayOptions(this WebApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection(GatewayOptions.Section);
        KnownKeys.Check(section, typeof(MessageBusOptions), typeof(GatewayOptions));
        // The bus options are bound again by the options system; here so that a wrong value is named with its key.
        section.ReadValid<MessageBusOptions>();
        return section.ReadValid<GatewayOptions>();
    }

    /// <summary>Redis where it is configured, else the embedded broker where that is allowed.</summary>
    /// <exception cref="ConfigurationProblem">Neither.</exception>
    public static void AddBroker(this WebApplicationBuilder builder, GatewayOptions options)
    {
        var bus = builder.Services.AddMessageBus(builder.Configuration.GetSection(GatewayOptions.Section).Bind);
        builder.AddAccessRules();
        if (!string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString("Redis")))
        {
            bus.AddRedis();
        }
        else if (builder.Environment.IsDevelopment() || options.AllowEmbedded)
        {
            builder.Services.AddEmbeddedRedis(embedded => embedded.Port = options.EmbeddedPort);
        }
        else
        {
            throw new ConfigurationProblem(
                "'ConnectionStrings:Redis' is empty. Set it, for example ConnectionStrings__Redis=localhost:6379, "
                + "or set 'MessageBus:AllowEmbedded' to true to run this single gateway without Redis.");
        }
    }

    /// <exception cref="ConfigurationProblem">A value is wrong.</exception>
    public static T ReadValid<T>(this IConfigurationSection section)
        where T : class, new()
    {
        try
        {
            var options = section.Get<T>() ?? new T();
            var wrong = Wrong(options, section.Path).ToList();
            return wrong.Count is 0 ? options : throw new ConfigurationProblem(wrong);
        }
        catch (InvalidOperationException e)
        {
            // The binder names the key and the value.
            throw new ConfigurationProblem(e.Message, e);
        }
    }

    /// <summary>What is wrong with the values, those of sections within included. Each is named with its key.</summary>
    private static IEnumerable<string> Wrong(object options, string path)
    {
        var wrong = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), wrong, validateAllProperties: true);
        return wrong.Select(one => $"'{path}:{one.MemberNames.First()}': {one.ErrorMessage}").Concat(
            from property in options.GetType().GetProperties()
            where KnownKeys.IsSection(property.PropertyType)
            let value = property.GetValue(options)
            where value is not null
            from problem in Wrong(value, $"{path}:{property.Name}")
            select problem);
    }
}
