namespace MessageBus.IntegrationTests.Support;

/// <summary>The clients of a test come from one address and send as fast as they can, which is not what the defaults are made for.</summary>
internal static class HurriedClients
{
    private const string Unlimited = "1000000";

    public static IReadOnlyDictionary<string, string> Settings { get; } = new[]
    {
        "MaxHandshakesPerSecond", "MaxHandshakesPerSecondPerAddress", "MaxCommandsPerSecond", "CommandBurst", "MaxPublishesPerSecond", "MaxSubscribesPerSecond",
    }.ToDictionary(limit => $"MessageBus:Limits:{limit}", _ => Unlimited);
}
