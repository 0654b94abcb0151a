using MessageBus.Bench.Load;
using MessageBus.Bench.Processes;
using MessageBus.Bench.Report;
using MessageBus.Bench.Systems;

namespace MessageBus.Bench.Scenarios;

/// <summary>Thousands hold a connection and say nothing: do those that come to be served notice?</summary>
internal sealed class CrowdScenario : IScenario
{
    public string Name => "crowd";

    public string Summary => "200 clients connect one after the other; then beside 5,000 slow handshakes and 5,000 silent connections";

    // What it asks is how ours ends such a crowd; peers wait for different things, and differently long.
    public bool Concerns(ISystem system) => system is GatewaySystem { IsVariant: false, Tls: false };

    public async Task RunAsync(Stage stage)
    {
        var clients = stage.Scaled(200);
        var request = new OpenRequest(clients, clients, AtOnce: 1);
        await stage.OpenAsync(request);
        await stage.DropAsync();
        Record(stage, "alone", await stage.OpenAsync(request));
        await stage.DropAsync();

        var size = stage.Scaled(5_000);
        using var crowd = new SilentCrowd(stage.Port);
        await crowd.OpenAsync(slow: size, silent: size, stage.Cancellation);
        var report = await stage.OpenAsync(request);
        if (crowd.Left < crowd.Size * 9 / 10)
            throw new BenchException($"only {crowd.Left:N0} of {crowd.Size:N0} were still there when the clients were served");
        Record(stage, $"beside {crowd.Size:N0}", report);
    }

    private static void Record(Stage stage, string caseName, OpenReport report) => stage.Record(caseName, new Figures
    {
        ConnectP50 = report.Connecting.P50,
        ConnectSlowest = report.Connecting.Max,
        LoadShare = report.LoadShare,
    });
}
