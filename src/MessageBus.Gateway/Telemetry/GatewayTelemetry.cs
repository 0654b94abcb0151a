using System.Net;
using MessageBus.Access;
using MessageBus.Gateway.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Diagnostics.Metrics;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace MessageBus.Gateway.Telemetry;

/// <summary>
/// Metrics and traces by OpenTelemetry. Metrics are served to Prometheus; by OTLP, metrics and traces are pushed where OpenTelemetry's own settings say
/// (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and its relatives, in the environment as in any other part of the configuration). Without an endpoint nothing is pushed.
/// </summary>
internal static class GatewayTelemetry
{
    private const string ServiceName = "messagebus";

    /// <summary>Processor time, memory, garbage collections, threads.</summary>
    private const string RuntimeMeter = "System.Runtime";

    // More series than any instrument of ours can have: a tag that turned out to be unbounded must not eat the memory of the gateway.
    private const int MaxSeriesPerInstrument = 1000;

    /// <exception cref="ConfigurationProblem">The address of the metrics is none.</exception>
    public static void AddTelemetry(this WebApplicationBuilder builder, GatewayOptions options)
    {
        // Local: another gateway in the same process has a meter of the same name.
        builder.Services.AddMetrics(metrics => metrics.EnableMetrics(MessageBusTelemetry.MeterName, instrumentName: null, listenerName: null, MeterScope.Local));
        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(Describe).WithMetrics(metrics =>
        {
            metrics.AddMeter(RuntimeMeter).AddView("*", new MetricStreamConfiguration { CardinalityLimit = MaxSeriesPerInstrument }).AddPrometheusExporter(Expose);
            if (IsPushed(builder.Configuration, "METRICS"))
            {
                metrics.AddOtlpExporter();
            }
        });
        if (IsPushed(builder.Configuration, "TRACES"))
        {
            telemetry.WithTracing(traces => traces.AddSource(MessageBusTelemetry.ActivitySourceName).AddOtlpExporter());
        }

        builder.Services.AddHostedService<LastPush>();
        var listen = ListenOn(options.MetricsAddress, options.MetricsPort ?? 0);
        if (options.MetricsPort is not null)
        {
            builder.Services.AddSingleton(provider => new MetricsServer(
                listen, provider.GetRequiredService<MeterProvider>(), provider.GetRequiredService<ILoggerFactory>()));
            builder.Services.AddHostedService(provider => provider.GetRequiredService<MetricsServer>());
        }
    }

    /// <summary>Beside everything else: metrics are for operators, who have a key, or a port of their own.</summary>
    public static void MapMetrics(this WebApplication app, string pattern) =>
        app.MapPrometheusScrapingEndpoint(pattern, meterProvider: null, NeverStored, optionsName: null)
            .WithMetadata(new HttpMethodMetadata([HttpMethods.Get])).RequireApiKey(ApiKeyScope.Admin).ExcludeFromDescription();

    /// <summary>Each answer is of its own moment.</summary>
    public static void NeverStored(IApplicationBuilder branch) => branch.Use((context, next) =>
    {
        context.Response.Headers.CacheControl = "no-store";
        return next(context);
    });

    /// <summary>Each sample has the labels of its instrument and no others, so that dashboards and alerts can sum without naming them.</summary>
    private static void Expose(OpenTelemetry.Exporter.PrometheusAspNetCoreOptions exporter)
    {
        exporter.ScopeInfoEnabled = false;
        exporter.TargetInfoEnabled = false;
        exporter.ScrapeResponseCacheDurationMilliseconds = 0;
    }

    /// <summary>Whether the configuration names an endpoint for <paramref name="signal"/>: metrics or traces.</summary>
    private static bool IsPushed(ConfigurationManager configuration, string signal) =>
        new[] { "OTEL_EXPORTER_OTLP_ENDPOINT", $"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT" }.Any(key => !string.IsNullOrEmpty(configuration[key]));

    // What the operator says in OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES counts more.
    private static void Describe(ResourceBuilder resource) => resource.Clear()
        .AddService(ServiceName, serviceVersion: typeof(GatewayTelemetry).Assembly.GetName().Version?.ToString(3)).AddTelemetrySdk().AddEnvironmentVariableDetector();

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
