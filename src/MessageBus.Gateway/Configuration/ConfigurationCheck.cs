using System.Globalization;
using MessageBus.Gateway.Jwt;
using MessageBus.Gateway.Telemetry;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace MessageBus.Gateway.Configuration;

/// <summary>
/// Goes through the steps of a start that depend on the configuration, without starting, and collects what each has against it. A start names the first
/// problem; this names each, so no step is left out because of another.
/// </summary>
internal static class ConfigurationCheck
{
    public static IReadOnlyList<string> Problems(WebApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection(GatewayOptions.Section);
        var problems = KnownKeys.Problems(section, typeof(MessageBusOptions), typeof(GatewayOptions)).Select(problem => problem.Message).ToList();
        problems.AddRange(TakeOutUnreadable(section, typeof(MessageBusOptions)).Concat(TakeOutUnreadable(section, typeof(GatewayOptions))));
        Try(() => section.ReadValid<MessageBusOptions>());
        Try(() => section.ReadValid<GatewayOptions>());

        var options = section.Get<GatewayOptions>() ?? new GatewayOptions();
        Try(builder.AddJwt);
        Try(() => builder.AddListening(options));
        Try(() => builder.AddTrustedProxies(options));
        Try(() => builder.AddBroker(options));
        Try(() => builder.AddTelemetry(options));

        using var services = builder.Services.BuildServiceProvider();
        Try(() => services.GetService<IStartupValidator>()?.Validate());
        problems.AddRange(AccessProblems(services));
        if (problems.Count is 0)
        {
            // The server's own settings are made of all the others.
            Try(() => _ = services.GetRequiredService<IOptions<KestrelServerOptions>>().Value);
        }

        return [.. problems.Distinct()];

        void Try(Action step)
        {
            try
            {
                step();
            }
            catch (OptionsValidationException e)
            {
                problems.AddRange(e.Failures);
            }
            catch (ConfigurationProblem e)
            {
                problems.AddRange(e.Messages);
            }
            catch (Exception e) when (StartFailure.TryExplain(e, out var explanation))
            {
                problems.Add(explanation);
            }
        }
    }

    /// <summary>Values that are not of their setting's type. The default takes their place, so that the rest can be read; the binder alone would stop at the first.</summary>
    private static IEnumerable<string> TakeOutUnreadable(IConfigurationSection section, Type options)
    {
        var defaults = Activator.CreateInstance(options);
        foreach (var property in options.GetProperties())
        {
            var setting = section.GetSection(property.Name);
            if (KnownKeys.IsSection(property.PropertyType))
            {
                foreach (var within in TakeOutUnreadable(setting, property.PropertyType))
                {
                    yield return within;
                }

                continue;
            }

            var problem = default(string);
            try
            {
                setting.Get(property.PropertyType);
            }
            catch (InvalidOperationException e)
            {
                // It names the key and the value.
                problem = e.Message;
            }

            if (problem is not null)
            {
                setting.Value = property.GetValue(defaults) is { } value ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;
                yield return problem;
            }
        }
    }

    /// <summary>What rules, keys and origins have wrong, also where a limit beside them is wrong. (Limits are looked at before, with their keys.)</summary>
    private static IEnumerable<string> AccessProblems(IServiceProvider services)
    {
        var bus = new OptionsFactory<MessageBusOptions>(
            services.GetServices<IConfigureOptions<MessageBusOptions>>(), services.GetServices<IPostConfigureOptions<MessageBusOptions>>()).Create(Options.DefaultName);
        return services.GetServices<IValidateOptions<MessageBusOptions>>()
            .Where(validation => validation is not DataAnnotationValidateOptions<MessageBusOptions>)
            .Select(validation => validation.Validate(Options.DefaultName, bus))
            .SelectMany(result => result.Failures ?? []);
    }
}
