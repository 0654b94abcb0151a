using System.ComponentModel.DataAnnotations;
using MessageBus.EmbeddedRedis;
using MessageBus.Redis;

namespace MessageBus.Gateway.Configuration;

/// <summary>Reads the configuration (appsettings.json, then environment, then command line) and builds on it.</summary>
internal static class GatewayConfiguration
{
    /// <exception cref="ConfigurationProblem">A key is unknown or a value is wrong.</exception>
    public static GatewayOptions ReadGatewayOptions(this WebApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection(GatewayOptions.Section);
        KnownKeys.Check(section, typeof(MessageBusOptions), typeof(GatewayOptions));
        try
        {
            var options = section.Get<GatewayOptions>() ?? new GatewayOptions();
            Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);

            // Bound again by the options system; here only so that a value of the wrong type is found with its key.
            section.Get<MessageBusOptions>();
            return options;
        }
        catch (Exception e) when (e is InvalidOperationException or ValidationException)
        {
            throw new ConfigurationProblem($"In the section '{GatewayOptions.Section}': {e.Message}", e);
        }
    }

    /// <summary>Redis where it is configured, else the embedded broker where that is allowed.</summary>
    /// <exception cref="ConfigurationProblem">Neither.</exception>
    public static void AddBroker(this WebApplicationBuilder builder, GatewayOptions options)
    {
        var bus = builder.Services.AddMessageBus(builder.Configuration.GetSection(GatewayOptions.Section).Bind);
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
}
