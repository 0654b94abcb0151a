using MessageBus.Bench.Load;
using MessageBus.Bench.Report;

namespace MessageBus.Bench.Scenarios;

/// <summary>Most browsers are quiet most of the time: what does the server keep for one?</summary>
internal sealed class IdleScenario : IScenario
{
    public string Name => "idle";

    public string Summary => "10,000 connections, 1 subscription each, quiet";

    public async Task RunAsync(Stage stage)
    {
        await stage.OpenAsync(new OpenRequest(200, Channels: 200));
        await stage.DropAsync();
        var before = await stage.SettledMemoryKilobytesAsync();
        var connections = stage.Scaled(10_000);
        var opened = await stage.OpenAsync(new OpenRequest(connections, connections));
        var after = await stage.SettledMemoryKilobytesAsync();
        stage.Record($"{connections:N0}", new Figures
        {
            KilobytesPerConnection = (after - before) / connections,
            ConnectionsPerSecond = opened.Ready / opened.Seconds,
            CpuPerConnection = FlowFigures.Each(opened.Server.Total, opened.Ready),
            LoadShare = opened.LoadShare,
        });
    }
}
