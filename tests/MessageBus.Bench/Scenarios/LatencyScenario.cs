using MessageBus.Bench.Load;

namespace MessageBus.Bench.Scenarios;

/// <summary>A server with little to do: how long is a message on its way?</summary>
internal sealed class LatencyScenario : IScenario
{
    private const int Rate = 1_000;

    public string Name => "latency";

    public string Summary => "1 channel, 100 subscribers, 128 B, 1,000 publications a second";

    public async Task RunAsync(Stage stage)
    {
        await stage.OpenAsync(new OpenRequest(100, Channels: 1));
        var request = new FlowRequest(stage.Seconds, Rate: Rate);
        await stage.WarmUpAsync(new FlowRequest(0, InFlight: 1));
        await stage.WarmUpAsync(request);
        await stage.MeasureAsync($"{Rate:N0}/s", request);
    }
}
