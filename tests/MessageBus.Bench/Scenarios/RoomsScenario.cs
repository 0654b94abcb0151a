namespace MessageBus.Bench.Scenarios;

/// <summary>Middle-sized audiences.</summary>
internal sealed class RoomsScenario : RateScenario
{
    public override string Name => "rooms";

    public override string Summary => "200 channels, 50 subscribers each, 128 B, at rising rates";

    protected override int Channels => 200;

    protected override int SubscribersPerChannel => 50;

    protected override IReadOnlyList<int> Rates => [250, 500, 1_000, 2_000, 4_000];
}
