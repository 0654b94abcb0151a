using System.Diagnostics;
using MessageBus.IntegrationTests.Hostile;
using Xunit.Abstractions;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>How soon a gateway with the settings of an operator notices that Redis fails, and is back after it. Beside other tests nothing can be said about that.</summary>
[Collection(nameof(HeavyLoad))]
[Trait("Sockets", "Either")]
public sealed class RedisTimesTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(5)]
    public async Task Killed_it_is_missed_within_2_seconds_and_3_seconds_after_its_return_every_channel_is_subscribed(double seconds)
    {
        await using var bus = await FaultedBus.StartAsync();

        var gone = Stopwatch.StartNew();
        await bus.Redis.KillAsync();
        await bus.NoneIsReadyAsync();
        await bus.EverybodyIsToldAsync("status down");
        IsWithin(TimeSpan.FromSeconds(2), gone, "no gateway was ready and everybody was told");
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        await bus.Redis.RestartAsync();
        var back = Stopwatch.StartNew();
        await bus.EverythingIsSubscribedAsync();
        IsWithin(TimeSpan.FromSeconds(3), back, "every channel was subscribed again");

        await bus.HealsAsync();
        await bus.EndsWellAsync();
    }

    [Fact]
    public async Task Links_that_are_half_open_are_noticed_within_10_seconds_and_replaced()
    {
        await using var bus = await FaultedBus.StartAsync();

        var silent = Stopwatch.StartNew();
        bus.Proxy.Swallow();
        await bus.EverybodyIsToldAsync("status down");
        IsWithin(TimeSpan.FromSeconds(10), silent, "everybody was told");

        await bus.HealsAsync();
        await bus.EndsWellAsync();
    }

    private void IsWithin(TimeSpan limit, Stopwatch waiting, string what)
    {
        var took = waiting.Elapsed;
        output.WriteLine($"It took {took.TotalSeconds:0.00} s until {what}.");
        Assert.True(took < limit, $"It took {took} until {what}.");
    }
}
