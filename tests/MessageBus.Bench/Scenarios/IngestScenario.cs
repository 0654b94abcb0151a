using MessageBus.Bench.Load;
using MessageBus.Bench.Report;

namespace MessageBus.Bench.Scenarios;

/// <summary>Redis to gateway: what does a publication cost before it is copied?</summary>
internal sealed class IngestScenario : IScenario
{
    public string Name => "ingest";

    public string Summary => "100 channels, 1 subscriber each, 128 B, 64 publications in flight: CPU a publication";

    public async Task RunAsync(Stage stage)
    {
        await stage.OpenAsync(new OpenRequest(100, Channels: 100));
        var request = new FlowRequest(stage.Seconds, InFlight: 64);
        await stage.WarmUpAsync(request);
        var report = await stage.FlowAsync(request);
        stage.Record("64 in flight", new Figures
        {
            PublicationsPerSecond = report.Publications / report.Seconds,
            CpuPerPublication = FlowFigures.Each(report.Server.Total, report.Publications),
            P50 = report.Latency.P50,
            P99 = report.Latency.P99,
            Lost = report.Lost,
            OutOfOrder = report.OutOfOrder,
            LoadShare = report.LoadShare,
            LoadCoreShare = report.CoreShare,
        });
    }
}
