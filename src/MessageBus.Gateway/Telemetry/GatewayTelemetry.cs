using System.Net;
using MessageBus.Access;
using MessageBus.Gateway.Configuration;
using MessageBus.Gateway.Telemetry.Prometheus;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MessageBus.Gateway.Telemetry;

/// <summary>What the gateway says of itself to monitoring: metrics to be fetched, and metrics and traces that are pushed.</summary>
internal static class GatewayTelemetry
{
    /// <exception cref="ConfigurationProblem">The address of the metrics is none.</exception>
    public static void AddTelemetry(this WebApplicationBuilder builder, GatewayOptions options)
    {
        builder.Services.AddSingleton<MetricsCollector>();
        builder.Services.AddSingleton<MetricsEndpoint>();
        builder.Services.AddHostedService<OtlpExport>();

        var listen = ListenOn(options.MetricsAddress, options.MetricsPort ?? 0);
        if (options.MetricsPort is not null)
        {
            builder.Services.AddSingleton(provider => new MetricsServer(
                listen, provider.GetRequiredService<MetricsEndpoint>(), provider.GetRequiredService<ILoggerFactory>()));
            builder.Services.AddHostedService(provider => provider.GetRequiredService<MetricsServer>());
        }
    }

    /// <summary>Beside everything else: what a gateway says of itself is for its operators, who have a key, or a port of their own.</summary>
    public static void MapMetrics(this WebApplication app, string pattern) =>
        app.MapGet(pattern, app.Services.GetRequiredService<MetricsEndpoint>().ServeAsync).RequireApiKey(ApiKeyScope.Admin).ExcludeFromDescription();

    private static Action<KestrelServerOptions> ListenOn(string address, int port)
    {
        if (address is "*")
        {
            return kestrel => kestrel.ListenAnyIP(port);
        }

        return IPAddress.TryParse(address, out var ip)
            ? kestrel => kestrel.Listen(ip, port)
            : throw new ConfigurationProblem(
                $"'{GatewayOptions.Section}:{nameof(GatewayOptions.MetricsAddress)}' is '{address}'. Right is an IP address of this machine, for example 127.0.0.1, or * for all of them.");
    }
}
