using System.Diagnostics;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>Redis hangs, with its connections open, and goes on as if nothing had been: with a burst of all that was published meanwhile.</summary>
[Trait("Sockets", "Either")]
public sealed class HungRedisTests
{
    [Fact]
    public async Task Frozen_for_15_seconds_and_thawed()
    {
        await using var bus = await FaultedBus.StartAsync();

        bus.Redis.Freeze();
        var frozen = Stopwatch.StartNew();
        await bus.EverybodyIsToldAsync("status down");
        await bus.NoneIsReadyAsync();
        await Task.Delay(TimeSpan.FromSeconds(Math.Max(0, 15 - frozen.Elapsed.TotalSeconds)));
        bus.Redis.Thaw();

        await bus.HealsAsync();
        await bus.EndsWellAsync();
    }

    [Fact]
    public async Task Asleep_for_10_seconds_in_a_command()
    {
        await using var bus = await FaultedBus.StartAsync("--enable-debug-command", "yes");

        await RedisCli.RunAsync(bus.Redis.Port, "DEBUG", "SLEEP", "10");

        // Whether it was ready meanwhile, a test that is kept from looking could not say.
        await bus.HealsAsync();
        await bus.EndsWellAsync();
    }
}
