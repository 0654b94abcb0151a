using MessageBus.Bench.Load;
using MessageBus.Bench.Report;

namespace MessageBus.Bench.Scenarios;

/// <summary>A proxy restarts, and every browser comes back at once.</summary>
internal sealed class StormScenario : IScenario
{
    private const int AtOnce = 256;

    public string Name => "storm";

    public string Summary => "10,000 connections dropped at once, time until all are subscribed again";

    public async Task RunAsync(Stage stage)
    {
        var connections = stage.Scaled(10_000);
        var request = new OpenRequest(connections, connections, AtOnce: AtOnce);
        await stage.OpenAsync(request);
        await stage.DropAsync();
        var report = await stage.OpenAsync(request);
        var probe = await stage.FlowAsync(new FlowRequest(0.5, InFlight: 16));
        stage.Record($"{connections:N0}", new Figures
        {
            RecoverySeconds = report.Seconds,
            ConnectionsPerSecond = report.Ready / report.Seconds,
            CpuPerConnection = FlowFigures.Each(report.Server.Total, report.Ready),
            Resumed = stage.Tls ? (double)report.Resumed / report.Ready : null,
            Lost = probe.Lost,
            LoadShare = report.LoadShare,
        });
    }
}
