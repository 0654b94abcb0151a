using MessageBus.Bench.Load;

namespace MessageBus.Bench.Scenarios;

/// <summary>Some browsers stop reading: do the others notice?</summary>
internal sealed class SlowScenario : IScenario
{
    private const int Bytes = 4096;
    private const int Rate = 250;

    public string Name => "slow";

    public string Summary => "200 subscribers, 4 KB, 250 publications a second; then 10 % of them stop reading";

    public async Task RunAsync(Stage stage)
    {
        var connections = stage.Scaled(200);
        var stalling = connections / 10;
        await stage.OpenAsync(new OpenRequest(connections, Channels: 1, Stalling: stalling));

        // Long enough for the stalled connections' buffers in the kernel (some MB) and in the server to fill.
        var request = new FlowRequest(Math.Max(stage.Seconds, 5), Bytes, Rate: Rate);
        await stage.WarmUpAsync(request);
        await stage.MeasureAsync("all read", request);
        await stage.StallAsync(stalling);
        await stage.MeasureAsync("10 % stalled", request);
    }
}
