using MessageBus.Bench.Load;
using MessageBus.Bench.Systems;

namespace MessageBus.Bench.Scenarios;

/// <summary>Does a second delivery loop bring a second core's worth? Nothing is pinned, so the load generator takes its share of both cores.</summary>
internal sealed class LoopsScenario : IScenario
{
    public string Name => "loops";

    public string Summary => "1 channel, 1,000 subscribers, 16 in flight, our gateway with 1 and 2 delivery loops, nothing pinned";

    public bool IsPinned => false;

    public bool Concerns(ISystem system) => system is GatewaySystem { IsVariant: true };

    public async Task RunAsync(Stage stage)
    {
        await stage.OpenAsync(new OpenRequest(stage.Scaled(1000), Channels: 1));
        var request = new FlowRequest(stage.Seconds, InFlight: 16);
        await stage.WarmUpAsync(request);
        await stage.WarmUpAsync(request);
        await stage.MeasureAsync("16 in flight", request);
    }
}
