using MessageBus.Bench.Load;

namespace MessageBus.Bench.Scenarios;

/// <summary>Open loop: publications come at a fixed rate, whether the system keeps up or not, and the rate rises until it has twice failed to: one hiccup of the machine is no limit.</summary>
internal abstract class RateScenario : IScenario
{
    public abstract string Name { get; }

    public abstract string Summary { get; }

    protected abstract int Channels { get; }

    protected abstract int SubscribersPerChannel { get; }

    /// <summary>Publications a second.</summary>
    protected abstract IReadOnlyList<int> Rates { get; }

    public async Task RunAsync(Stage stage)
    {
        var channels = stage.Scaled(Channels);
        await stage.OpenAsync(new OpenRequest(channels * SubscribersPerChannel, channels));
        await stage.WarmUpAsync(new FlowRequest(0, InFlight: 16));
        var failures = 0;
        foreach (var rate in Rates)
        {
            var report = await stage.MeasureAsync($"{rate:N0}/s", new FlowRequest(stage.Seconds, Rate: rate));
            failures = report.Kept ? 0 : failures + 1;
            if (failures == 2)
                break;
        }
    }
}
