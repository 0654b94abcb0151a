using MessageBus.Bench.Load;
using MessageBus.Bench.Processes;
using MessageBus.Bench.Report;
using MessageBus.Bench.Systems;

namespace MessageBus.Bench.Scenarios;

/// <summary>Redis crashes and comes back empty: how long until all channels flow again?</summary>
internal sealed class ResubscribeScenario : IScenario
{
    private const int ChannelsPerConnection = 100;
    private const double Limit = 30;

    public string Name => "resubscribe";

    public string Summary => "50,000 channels, redis-server killed and started again: time until all are subscribed at it";

    // The floor has no reconnection.
    public bool Concerns(ISystem system) => system.Name != "floor" && system is not GatewaySystem { IsVariant: true };

    public async Task RunAsync(Stage stage)
    {
        var connections = stage.Scaled(500);
        await stage.OpenAsync(new OpenRequest(connections, connections * ChannelsPerConnection, ChannelsPerConnection));
        await stage.Redis.RestartAsync(stage.Cancellation);
        var report = await stage.RecoverAsync(Limit);
        if (!report.Recovered || report.Probe is null)
            throw new BenchException($"{report.Subscriptions:N0} of {connections * ChannelsPerConnection:N0} channels were subscribed again after {Limit:0} s");
        stage.Record($"{connections * ChannelsPerConnection:N0} channels", new Figures
        {
            RecoverySeconds = report.Seconds,
            Lost = report.Probe.Lost,
            LoadShare = report.Probe.LoadShare,
        });
    }
}
