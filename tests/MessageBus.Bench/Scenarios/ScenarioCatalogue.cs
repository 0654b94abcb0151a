namespace MessageBus.Bench.Scenarios;

/// <summary>All scenarios, in the order in which <c>all</c> runs them.</summary>
internal static class ScenarioCatalogue
{
    public static IReadOnlyList<IScenario> All { get; } =
    [
        new FanoutScenario(),
        new DirectScenario(),
        new RoomsScenario(),
        new PayloadScenario(),
        new LatencyScenario(),
        new IdleScenario(),
        new StormScenario(),
        new SlowScenario(),
        new CrowdScenario(),
        new IngestScenario(),
        new ResubscribeScenario(),
        new LoopsScenario(),
    ];
}
