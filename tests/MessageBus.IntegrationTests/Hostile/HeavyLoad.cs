namespace MessageBus.IntegrationTests.Hostile;

/// <summary>Tests that want the machine for themselves: for what they measure, and for what they would do to the others.</summary>
[CollectionDefinition(nameof(HeavyLoad), DisableParallelization = true)]
public sealed class HeavyLoad
{
    /// <summary>A number that is small enough for every run, and that an environment variable sets for a long one.</summary>
    public static int Amount(string variable, int everyRun) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), out var amount) ? amount : everyRun;
}
