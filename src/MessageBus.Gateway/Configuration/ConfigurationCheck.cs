using MessageBus.Gateway.Jwt;
using MessageBus.Gateway.Telemetry;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace MessageBus.Gateway.Configuration;

/// <summary>Goes through the steps of a start that depend on the configuration, without starting, and collects what each has against it.</summary>
internal static class ConfigurationCheck
{
    public static IReadOnlyList<string> Problems(WebApplicationBuilder builder)
    {
        var problems = new List<string>();
        var options = default(GatewayOptions);
        var bus = default(MessageBusOptions);
        var section = builder.Configuration.GetSection(GatewayOptions.Section);
        Try(() => builder.ReadGatewayOptions());

        // Again one by one: the start names the first problem, this each.
        Try(() => bus = section.ReadValid<MessageBusOptions>());
        Try(() => options = section.ReadValid<GatewayOptions>());
        Try(builder.AddJwt);
        if (options is not null)
        {
            Try(() => builder.AddListening(options));
            Try(() => builder.AddTrustedProxies(options));
            Try(() => builder.AddBroker(options));
            Try(() => builder.AddTelemetry(options));
        }

        if (options is not null && bus is not null)
        {
            using var services = builder.Services.BuildServiceProvider();
            Try(() => services.GetService<IStartupValidator>()?.Validate());
            Try(() => _ = services.GetRequiredService<IOptions<MessageBusOptions>>().Value);

            // Opens the certificate of the https addresses, where there are any.
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
            catch (Exception e) when (StartFailure.TryExplain(e, out var explanation))
            {
                problems.Add(explanation);
            }
        }
    }
}
