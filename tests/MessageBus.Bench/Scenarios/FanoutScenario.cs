using MessageBus.Bench.Load;

namespace MessageBus.Bench.Scenarios;

/// <summary>The plain case of broadcasting: what does one copy of one publication cost?</summary>
internal sealed class FanoutScenario : IScenario
{
    public string Name => "fanout";

    public string Summary => "1 channel, 1,000 subscribers, 128 B, with 1, 4 and 16 publications in flight";

    public async Task RunAsync(Stage stage)
    {
        await stage.OpenAsync(new OpenRequest(stage.Scaled(1000), Channels: 1));
        await stage.WarmUpAsync(new FlowRequest(0, InFlight: 16));
        foreach (var inFlight in new[] { 1, 4, 16 })
        {
            var request = new FlowRequest(stage.Seconds, InFlight: inFlight);
            await stage.WarmUpAsync(request);
            await stage.MeasureAsync($"{inFlight} in flight", request);
        }
    }
}
