using MessageBus.Bench.Systems;

namespace MessageBus.Bench.Scenarios;

/// <summary>One question about a system. A scenario gets a freshly started system and redis-server and leaves its figures on the stage.</summary>
internal interface IScenario
{
    string Name { get; }

    /// <summary>What it does, in a line.</summary>
    string Summary { get; }

    /// <summary>Whether server and load generator have a core each. Otherwise both may use all.</summary>
    bool IsPinned => true;

    /// <summary>Whether it makes sense for a system.</summary>
    bool Concerns(ISystem system) => system is not GatewaySystem { IsVariant: true };

    Task RunAsync(Stage stage);
}
