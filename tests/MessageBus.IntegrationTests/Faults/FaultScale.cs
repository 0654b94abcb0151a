using System.Diagnostics;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>
/// The fault tests are short by default, so that every run has them. With MESSAGEBUS_FAULTS=full they last as long, and are as large, as the faults they stand for,
/// and hold the gateways to their times: dotnet test tests/MessageBus.IntegrationTests --filter Faults, on a machine that has nothing else to do.
/// </summary>
internal static class FaultScale
{
    public static bool IsFull { get; } = Environment.GetEnvironmentVariable("MESSAGEBUS_FAULTS") is "full";

    /// <summary>How often gateways publish to themselves: often, so that three periods are short. The default in full.</summary>
    public static TimeSpan CanaryInterval { get; } = Of(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(2));

    public static T Of<T>(T brief, T full) => IsFull ? full : brief;

    /// <summary>What was to happen within a time has happened. Beside other tests nothing can be said about times.</summary>
    public static void InTime(Stopwatch waiting, TimeSpan within, string what) =>
        Assert.True(!IsFull || waiting.Elapsed < within, $"It took {waiting.Elapsed} until {what}.");
}
