using System.Diagnostics;
using MessageBus.Brokers;
using MessageBus.IntegrationTests.Brokers;
using MessageBus.IntegrationTests.Hostile;
using MessageBus.IntegrationTests.Support;
using MessageBus.Protocol;
using Xunit.Abstractions;

namespace MessageBus.IntegrationTests.Redis;

/// <summary>R3: a primary, two replicas and three Sentinels. The gateway is where the primary is soon after its promotion, and tells every loss.</summary>
[Collection(nameof(HeavyLoad))]
[Trait("Sockets", "Either")]
public sealed class SentinelTests(ITestOutputHelper output)
{
    private static readonly ChannelName Channel = ChannelName.Parse("sentinel/one");

    [Fact]
    public async Task A_planned_failover_is_followed()
    {
        await using var set = await RedisSentinels.StartAsync();
        using var broker = NewRedisBroker.For(set.ConnectionString);
        var sink = await StartAsync(broker);
        var old = await set.PrimaryAsync();
        var moves = 0;
        broker.Home.Changed += () => Interlocked.Increment(ref moves);

        await set.FailOverAsync();

        await IsBackAsync(broker, sink, set, old);
        Assert.Equal((await set.PrimaryAsync()).Endpoint, broker.Home.Current?.Address.ToString());
        Assert.Equal(2, moves);
    }

    [Fact]
    public async Task A_primary_that_is_killed_is_left_and_its_return_changes_nothing()
    {
        await using var set = await RedisSentinels.StartAsync();
        using var broker = NewRedisBroker.For(set.ConnectionString);
        var sink = await StartAsync(broker);
        var old = await set.PrimaryAsync();

        await old.KillAsync();
        await set.PromotedAsync(old);
        await IsBackAsync(broker, sink, set, old);
        await old.RestartAsync();
        await Eventually.TrueAsync(
            async () => (await RedisCli.RunAsync(old.Port, "ROLE")).StartsWith("slave", StringComparison.Ordinal), "the old primary is made a replica");

        Assert.Equal(BrokerResult.Accepted, await broker.PublishAsync(Channel, "still here"u8.ToArray(), default));
        Assert.Equal((1, 2), (sink.Lost, sink.Restored));
        await broker.StopAsync(default);
    }

    [Fact]
    public async Task A_primary_that_hangs_is_left_and_thaws_as_nobodys_primary()
    {
        await using var set = await RedisSentinels.StartAsync();
        using var broker = NewRedisBroker.For(set.ConnectionString);
        var sink = await StartAsync(broker);
        var old = await set.PrimaryAsync();

        old.Freeze();
        await Eventually.TrueAsync(() => sink.Lost is 1, "the loss is told");
        await Eventually.TrueAsync(async () => await set.PrimaryAsync() != old, "another is the primary");
        await IsBackAsync(broker, sink, set, old);
        old.Thaw();

        Assert.Equal(BrokerResult.Accepted, await broker.PublishAsync(Channel, "still here"u8.ToArray(), default));
        await broker.StopAsync(default);
    }

    [Fact]
    public async Task A_service_that_no_Sentinel_knows_is_told()
    {
        await using var set = await RedisSentinels.StartAsync();
        using var broker = NewRedisBroker.For(set.ConnectionString.Replace("serviceName=main", "serviceName=mian", StringComparison.Ordinal));

        await broker.StartAsync(new AwaitedSink(), default);

        Assert.Equal(BrokerState.Down, broker.State);
        await Eventually.TrueAsync(() => broker.Problem?.Contains("'mian'", StringComparison.Ordinal) is true, "the service is named");
        await broker.StopAsync(default);
    }

    private static async Task<AwaitedSink> StartAsync(MessageBus.Redis.RedisBroker broker)
    {
        var sink = new AwaitedSink();
        await broker.StartAsync(sink, default);
        await Eventually.TrueAsync(() => broker.State is BrokerState.Up, "the broker is up");
        Assert.Equal(BrokerResult.Accepted, await broker.SubscribeAsync(Channel, default));
        return sink;
    }

    /// <summary>From the promotion on, which has just been.</summary>
    private async Task IsBackAsync(MessageBus.Redis.RedisBroker broker, AwaitedSink sink, RedisSentinels set, RedisServerProcess old)
    {
        var since = Stopwatch.StartNew();
        await Eventually.TrueAsync(() => sink.Restored is 2 && broker.State is BrokerState.Up, "the return is told");
        output.WriteLine($"Back {since.Elapsed.TotalSeconds:0.00} s after the promotion was seen.");
        Assert.True(since.Elapsed < TimeSpan.FromSeconds(3), $"It took {since.Elapsed}.");

        Assert.Equal(BrokerResult.Accepted, await broker.PublishAsync(Channel, "of the gateway"u8.ToArray(), default));
        Assert.Equal("of the gateway", await sink.NextTextAsync());
        await Eventually.TrueAsync(async () => await set.PrimaryAsync() != old, "all Sentinels name the new primary");
        await Eventually.TrueAsync(async () => await RedisCli.RunAsync((await set.PrimaryAsync()).Port, "PUBLISH", Channel.Value, "of a backend") is "1", "the new primary has the subscription");
        Assert.Equal("of a backend", await sink.NextTextAsync());
        Assert.Equal(1, sink.Lost);
    }
}
