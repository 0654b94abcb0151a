using MessageBus.Bench.Load;

namespace MessageBus.Bench.Scenarios;

internal sealed class PayloadScenario : IScenario
{
    private const int InFlight = 4;

    public string Name => "payload";

    public string Summary => "1 channel, 1,000 subscribers, 4 in flight, payloads of 128 B, 1 KB and 16 KB";

    public async Task RunAsync(Stage stage)
    {
        await stage.OpenAsync(new OpenRequest(stage.Scaled(1000), Channels: 1));
        await stage.WarmUpAsync(new FlowRequest(0, InFlight: InFlight));
        foreach (var bytes in new[] { 128, 1024, 16 * 1024 })
        {
            var request = new FlowRequest(stage.Seconds, bytes, InFlight);
            await stage.WarmUpAsync(request);
            await stage.MeasureAsync($"{bytes:N0} B", request);
        }
    }
}
