namespace MessageBus.Bench.Scenarios;

/// <summary>Messages to one browser each: every publication has one subscriber, so nothing is shared.</summary>
internal sealed class DirectScenario : RateScenario
{
    public override string Name => "direct";

    public override string Summary => "10,000 channels, 1 subscriber each, 128 B, at rising rates";

    protected override int Channels => 10_000;

    protected override int SubscribersPerChannel => 1;

    protected override IReadOnlyList<int> Rates => [5_000, 10_000, 20_000, 40_000, 80_000];
}
