using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace MessageBus.Gateway.Telemetry;

/// <summary>
/// Pushes metrics and traces by OTLP to where OpenTelemetry's own settings say (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and its relatives, in the environment as in any
/// other part of the configuration). Without an endpoint nothing is pushed. A collector that is away delays nobody; the exporter tries again.
/// </summary>
internal sealed class OtlpExport(IConfiguration configuration) : IHostedService
{
    private const string ServiceName = "messagebus";

    // What a stop waits for a collector that does not answer.
    private const int LastPushMilliseconds = 2000;

    private MeterProvider? _metrics;
    private TracerProvider? _traces;

    /// <summary>Whether the configuration names an endpoint for <paramref name="signal"/>: metrics or traces.</summary>
    private bool IsWanted(string signal) =>
        new[] { "OTEL_EXPORTER_OTLP_ENDPOINT", $"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT" }.Any(key => !string.IsNullOrEmpty(configuration[key]));

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (IsWanted("METRICS"))
        {
            _metrics = Sdk.CreateMeterProviderBuilder()
                .ConfigureServices(services => services.AddSingleton(configuration))
                .ConfigureResource(Describe)
                .AddMeter(MessageBusTelemetry.MeterName, "System.Runtime")
                .AddOtlpExporter()
                .Build();
        }

        if (IsWanted("TRACES"))
        {
            _traces = Sdk.CreateTracerProviderBuilder()
                .ConfigureServices(services => services.AddSingleton(configuration))
                .ConfigureResource(Describe)
                .AddSource(MessageBusTelemetry.ActivitySourceName)
                .AddOtlpExporter()
                .Build();
        }

        return Task.CompletedTask;
    }

    /// <summary>Sends what is left. A host may stop its services more than once.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(Task.Run(EndMetrics, cancellationToken), Task.Run(EndTraces, cancellationToken));

    private void EndMetrics()
    {
        using var metrics = Interlocked.Exchange(ref _metrics, null);
        metrics?.Shutdown(LastPushMilliseconds);
    }

    private void EndTraces()
    {
        using var traces = Interlocked.Exchange(ref _traces, null);
        traces?.Shutdown(LastPushMilliseconds);
    }

    private void Describe(ResourceBuilder resource)
    {
        // What the operator says in OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES counts more.
        resource.Clear().AddService(ServiceName, serviceVersion: typeof(OtlpExport).Assembly.GetName().Version?.ToString(3)).AddTelemetrySdk().AddEnvironmentVariableDetector();
    }
}
