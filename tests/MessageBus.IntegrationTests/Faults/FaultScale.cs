namespace MessageBus.IntegrationTests.Faults;

/// <summary>
/// The fault tests are short by default, so that every run has them. With MESSAGEBUS_FAULTS=full they last as long, and are as large, as the faults they stand for.
/// </summary>
internal static class FaultScale
{
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("MESSAGEBUS_FAULTS") is "full";

    /// <summary>How often gateways publish to themselves: often, so that three periods are short. The default in full.</summary>
    public static (string, string) Canary { get; } = ("MessageBus:CanaryInterval", IsFull ? "00:00:02" : "00:00:00.25");

    public static T Of<T>(T brief, T full) => IsFull ? full : brief;
}
