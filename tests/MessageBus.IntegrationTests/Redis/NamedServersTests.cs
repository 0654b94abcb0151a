using System.Diagnostics;
using MessageBus.Brokers;
using MessageBus.IntegrationTests.Brokers;
using MessageBus.IntegrationTests.Hostile;
using MessageBus.IntegrationTests.Support;
using MessageBus.Protocol;

namespace MessageBus.IntegrationTests.Redis;

/// <summary>R1 and R2: of one Redis or several the primary is used, whatever the others do, and what others cannot hear is not acknowledged.</summary>
[Collection(nameof(HeavyLoad))]
[Trait("Sockets", "Either")]
public sealed class NamedServersTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);
    private static readonly ChannelName Channel = ChannelName.Parse("named/one");

    [Fact]
    public async Task A_primary_that_becomes_a_replica_is_lost_until_it_is_the_primary_again()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var other = await RedisServerProcess.StartAsync();
        using var broker = NewRedisBroker.For(redis.Endpoint);
        var sink = new AwaitedSink();
        await broker.StartAsync(sink, default);
        Assert.Equal(BrokerResult.Accepted, await broker.PublishAsync(Channel, "x"u8.ToArray(), default));

        await RedisCli.RunAsync(redis.Port, "REPLICAOF", "127.0.0.1", $"{other.Port}");
        Assert.Equal(BrokerResult.Unavailable, await broker.PublishAsync(Channel, "to a replica"u8.ToArray(), default));
        await Eventually.TrueAsync(() => sink.Lost is 1, "the loss is told", Limit);
        await Eventually.TrueAsync(() => broker.Problem is "it is a replica, not the primary", "the reason is known", Limit);
        await RedisCli.RunAsync(redis.Port, "REPLICAOF", "NO", "ONE");
        await Eventually.TrueAsync(() => broker.State is BrokerState.Up, "it is used again", Limit);

        Assert.Equal((1, 2), (sink.Lost, sink.Restored));
        await broker.StopAsync(default);
    }

    [Fact]
    public async Task A_demotion_is_noticed_without_a_publication()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var other = await RedisServerProcess.StartAsync();
        using var broker = NewRedisBroker.For(redis.Endpoint);
        var sink = new AwaitedSink();
        await broker.StartAsync(sink, default);

        await RedisCli.RunAsync(redis.Port, "REPLICAOF", "127.0.0.1", $"{other.Port}");

        await Eventually.TrueAsync(() => sink.Lost is 1, "the loss is told", Limit);
        await broker.StopAsync(default);
    }

    [Fact]
    public async Task Of_a_list_the_primary_is_used_although_a_replica_hangs()
    {
        await using var primary = await RedisServerProcess.StartAsync();
        await using var replica = await RedisServerProcess.StartAsync("--replicaof", $"127.0.0.1 {primary.Port}");
        replica.Freeze();
        using var broker = NewRedisBroker.For($"{replica.Endpoint},{primary.Endpoint}");
        var sink = new AwaitedSink();

        var start = Stopwatch.StartNew();
        await broker.StartAsync(sink, default);
        await Eventually.TrueAsync(() => broker.State is BrokerState.Up, "the primary is found", Limit);
        await broker.SubscribeAsync(Channel, default);
        await RedisCli.RunAsync(primary.Port, "CLIENT", "KILL", "TYPE", "pubsub");
        await Eventually.TrueAsync(() => sink.Restored is 2, "the primary is found again", Limit);
        await broker.PublishAsync(Channel, "heard"u8.ToArray(), default);

        Assert.Equal("heard", await sink.NextTextAsync());
        Assert.Equal("1", await RedisCli.RunAsync(primary.Port, "PUBLISH", Channel.Value, "by the primary's subscribers"));
        replica.Thaw();
        await broker.StopAsync(default);
    }

    [Fact]
    public async Task Of_a_list_the_one_that_is_promoted_is_followed()
    {
        await using var first = await RedisServerProcess.StartAsync();
        await using var second = await RedisServerProcess.StartAsync("--replicaof", $"127.0.0.1 {first.Port}");
        using var broker = NewRedisBroker.For($"{first.Endpoint},{second.Endpoint}");
        var sink = new AwaitedSink();
        await broker.StartAsync(sink, default);
        await broker.SubscribeAsync(Channel, default);

        await RedisCli.RunAsync(second.Port, "REPLICAOF", "NO", "ONE");
        await RedisCli.RunAsync(first.Port, "REPLICAOF", "127.0.0.1", $"{second.Port}");
        await Eventually.TrueAsync(() => sink.Restored is 2, "the new primary is used", Limit);

        Assert.Equal("1", await RedisCli.RunAsync(second.Port, "PUBLISH", Channel.Value, "there"));
        Assert.Equal("there", await sink.NextTextAsync());
        await broker.StopAsync(default);
    }

    [Fact]
    public async Task A_script_that_keeps_Redis_busy_costs_no_link()
    {
        await using var redis = await RedisServerProcess.StartAsync("--lua-time-limit", "200");
        using var broker = NewRedisBroker.For(redis.Endpoint);
        var sink = new AwaitedSink();
        await broker.StartAsync(sink, default);

        var script = RedisCli.RunAsync(redis.Port, "EVAL", "local s=redis.call('TIME')[1]; while redis.call('TIME')[1]-s<3 do end", "0");
        await Eventually.TrueAsync(async () => await broker.PublishAsync(Channel, "x"u8.ToArray(), default) is BrokerResult.Unavailable, "publishing is refused");
        await script;

        await Eventually.TrueAsync(async () => await broker.PublishAsync(Channel, "x"u8.ToArray(), default) is BrokerResult.Accepted, "publishing works again", Limit);
        Assert.Equal(0, sink.Lost);
        await broker.StopAsync(default);
    }
}
