using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>Somebody kills the subscribers of Redis, and does not stop.</summary>
[Trait("Sockets", "Either")]
public sealed class KilledSubscriberTests
{
    [Fact]
    public async Task Killed_five_times_a_second_for_30_seconds_they_end_with_every_channel_subscribed()
    {
        await using var bus = await FaultedBus.StartAsync();

        // One command every 0.2 s, 150 times.
        await RedisCli.RunAsync(bus.Redis.Port, "-r", "150", "-i", "0.2", "CLIENT", "KILL", "TYPE", "pubsub");

        await bus.HealsAsync();
        await bus.EndsWellAsync();
    }
}
