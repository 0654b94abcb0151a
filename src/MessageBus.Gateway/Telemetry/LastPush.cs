using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace MessageBus.Gateway.Telemetry;

/// <summary>
/// Pushes what is left when the gateway stops, metrics and traces side by side, and gives up on a collector that does not answer. Left to the end of the host,
/// each of them would wait five seconds, one after the other.
/// </summary>
internal sealed class LastPush(MeterProvider metrics, IServiceProvider services) : IHostedService
{
    private const int Milliseconds = 2000;

    // There only where traces are pushed.
    private readonly TracerProvider? _traces = services.GetService<TracerProvider>();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A second call of either has no effect.</summary>
    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Task.Run(() => metrics.Shutdown(Milliseconds), cancellationToken), Task.Run(() => _traces?.Shutdown(Milliseconds), cancellationToken));
}
