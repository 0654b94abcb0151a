using System.Collections.Concurrent;
using System.Text;
using MessageBus.Brokers;
using MessageBus.IntegrationTests.Support;
using MessageBus.Protocol;
using MessageBus.Redis;
using Microsoft.Extensions.Logging;

namespace MessageBus.IntegrationTests.Brokers;

/// <summary>What only a broker behind a network can show.</summary>
[Trait("Sockets", "Either")]
public sealed class RedisBrokerTests
{
    private static readonly ChannelName Channel = ChannelName.Parse("redis/one");

    [Fact]
    public async Task Two_brokers_on_one_Redis_hear_each_other()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        using var here = NewRedisBroker.For(redis.Endpoint);
        using var there = NewRedisBroker.For(redis.Endpoint);
        var (sinkHere, sinkThere) = (new AwaitedSink(), new AwaitedSink());
        await here.StartAsync(sinkHere, default);
        await there.StartAsync(sinkThere, default);
        await here.SubscribeAsync(Channel, default);
        await there.SubscribeAsync(Channel, default);

        await here.PublishAsync(Channel, "x"u8.ToArray(), default);

        Assert.Equal("x", await sinkHere.NextTextAsync());
        Assert.Equal("x", await sinkThere.NextTextAsync());
        await here.StopAsync(default);
        await there.StopAsync(default);
    }

    [Fact]
    public async Task Publications_are_delivered_in_the_order_of_Redis_across_all_channels()
    {
        const int Rounds = 300;
        await using var redis = await RedisServerProcess.StartAsync();
        using var broker = NewRedisBroker.For(redis.Endpoint);
        var sink = new AwaitedSink();
        await broker.StartAsync(sink, default);
        var channels = Enumerable.Range(0, 7).Select(n => ChannelName.Parse($"order/{n}")).ToArray();
        foreach (var channel in channels)
        {
            await broker.SubscribeAsync(channel, default);
        }

        // A large one now and then, which takes the longest to arrive.
        var published = Enumerable.Range(0, Rounds).Select(n => (Channel: channels[n % channels.Length], Length: n % 50 is 0 ? 300_000 : 4)).ToList();
        using var backend = new RespConnection(redis.Port);
        await backend.PublishAsync(published.Select((one, n) => (one.Channel.Value, Encoding.ASCII.GetBytes($"{n}".PadLeft(one.Length)))));

        for (var n = 0; n < Rounds; n++)
        {
            var (channel, payload) = await sink.NextAsync();
            Assert.Equal((published[n].Channel, n), (channel, int.Parse(Encoding.ASCII.GetString(payload), System.Globalization.CultureInfo.InvariantCulture)));
        }

        await broker.StopAsync(default);
    }

    [Fact]
    public async Task Channels_are_subscribed_by_their_name_and_never_as_a_pattern()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var monitor = RedisCli.Start(redis.Port, "MONITOR");
        Assert.Equal("OK", await monitor.ReadLineAsync());
        using var broker = NewRedisBroker.For(redis.Endpoint);
        await broker.StartAsync(new AwaitedSink(), default);

        await broker.SubscribeAsync(ChannelName.Parse("literal/{1}^h$+"), default);
        await broker.PublishAsync(ChannelName.Parse("literal/{1}^h$+"), "x"u8.ToArray(), default);
        await broker.UnsubscribeAsync(ChannelName.Parse("literal/{1}^h$+"), default);
        await RedisCli.RunAsync(redis.Port, "ECHO", "end");

        var commands = new List<string>();
        do
        {
            commands.Add(await monitor.ReadLineAsync());
        }
        while (!commands[^1].EndsWith("\"ECHO\" \"end\"", StringComparison.Ordinal));
        Assert.Contains(commands, command => command.EndsWith("\"SUBSCRIBE\" \"literal/{1}^h$+\"", StringComparison.Ordinal));
        Assert.Contains(commands, command => command.EndsWith("\"PUBLISH\" \"literal/{1}^h$+\" \"x\"", StringComparison.Ordinal));
        Assert.Contains(commands, command => command.EndsWith("\"UNSUBSCRIBE\" \"literal/{1}^h$+\"", StringComparison.Ordinal));
        Assert.DoesNotContain(commands, command => command.Contains("\"PSUBSCRIBE\"", StringComparison.OrdinalIgnoreCase));
        await broker.StopAsync(default);
    }

    [Fact]
    public async Task A_lost_Redis_is_told_once_and_so_is_its_return_with_every_channel_subscribed()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        using var broker = NewRedisBroker.For(redis.Endpoint);
        var sink = new AwaitedSink();
        await broker.StartAsync(sink, default);
        await broker.SubscribeAsync(Channel, default);

        await redis.KillAsync();
        await Eventually.TrueAsync(() => sink.Lost is 1, "the loss is told");
        Assert.Equal(BrokerState.Down, broker.State);
        Assert.Equal(BrokerResult.Unavailable, await broker.PublishAsync(Channel, "lost"u8.ToArray(), default));
        Assert.Equal(BrokerResult.Unavailable, await broker.SubscribeAsync(ChannelName.Parse("redis/two"), default));
        await redis.RestartAsync();
        await Eventually.TrueAsync(() => sink.Restored is 2, "the return is told");
        Assert.Equal(BrokerState.Up, broker.State);
        Assert.Equal(BrokerResult.Accepted, await broker.PublishAsync(Channel, "again"u8.ToArray(), default));

        Assert.Equal("again", await sink.NextTextAsync());
        Assert.Equal(1, sink.Lost);
        await broker.StopAsync(default);
    }

    [Fact]
    public async Task A_Redis_that_hangs_makes_publish_and_subscribe_unavailable_after_the_command_timeout()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        using var broker = NewRedisBroker.For(redis.Endpoint, commandTimeout: TimeSpan.FromMilliseconds(500));
        var sink = new AwaitedSink();
        await broker.StartAsync(sink, default);

        redis.Freeze();
        var publish = broker.PublishAsync(Channel, "x"u8.ToArray(), default).AsTask();
        var subscribe = broker.SubscribeAsync(Channel, default);

        Assert.Equal(BrokerResult.Unavailable, await Eventually.ResultAsync(publish, "publish gives up"));
        Assert.Equal(BrokerResult.Unavailable, await Eventually.ResultAsync(subscribe, "subscribe gives up"));
        redis.Thaw();
        await Eventually.TrueAsync(async () => await broker.PublishAsync(Channel, "y"u8.ToArray(), default) is BrokerResult.Accepted, "publishing works again");
        Assert.True(sink.IsQuiet, "The subscription that was given up must not deliver.");
        await broker.StopAsync(default);
    }

    [Fact]
    public async Task A_wrong_password_leaves_the_broker_down_and_is_not_logged()
    {
        await using var redis = await RedisServerProcess.StartAsync("--requirepass", "the-right-one");
        var log = new KeptLog();
        using var broker = NewRedisBroker.For($"{redis.Endpoint},password=the-wrong-one", logger: log);
        var sink = new AwaitedSink();

        await Eventually.DoneAsync(broker.StartAsync(sink, default), "the start returns although Redis lets nobody in");

        Assert.Equal(BrokerState.Down, broker.State);
        Assert.Equal(BrokerResult.Unavailable, await broker.PublishAsync(Channel, "x"u8.ToArray(), default));
        Assert.Equal(0, sink.Restored);
        Assert.Contains(log.Lines, line => line.Contains(redis.Endpoint, StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, line => line.Contains("the-wrong-one", StringComparison.Ordinal));

        await RedisCli.RunAsync(redis.Port, "-a", "the-right-one", "--no-auth-warning", "CONFIG", "SET", "requirepass", "the-wrong-one");
        await Eventually.TrueAsync(() => broker.State is BrokerState.Up, "the broker is let in once the password is right");
        Assert.DoesNotContain(log.Lines, line => line.Contains("the-wrong-one", StringComparison.Ordinal));
        await broker.StopAsync(default);
    }

    [Fact]
    public async Task A_channel_that_Redis_does_not_have_is_found_and_subscribed_again()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var proxy = new TcpProxy(redis.Port);
        using var broker = NewRedisBroker.For(proxy.Endpoint, verifyInterval: TimeSpan.FromMilliseconds(100));
        var sink = new AwaitedSink();
        await broker.StartAsync(sink, default);
        await broker.SubscribeAsync(Channel, default);

        // The broker is told that it has redis/lost, and Redis has another.
        proxy.Rewrite = bytes => Encoding.Latin1.GetBytes(
            Encoding.Latin1.GetString(bytes).Replace("SUBSCRIBE\r\n$10\r\nredis/lost", "SUBSCRIBE\r\n$10\r\nredis/elso", StringComparison.Ordinal));
        Assert.Equal(BrokerResult.Accepted, await broker.SubscribeAsync(ChannelName.Parse("redis/lost"), default));
        proxy.Rewrite = null;
        await Eventually.TrueAsync(() => (sink.Lost, sink.Restored) is (1, 2), "the loss and the return are told");
        await broker.PublishAsync(ChannelName.Parse("redis/lost"), "found"u8.ToArray(), default);
        await broker.PublishAsync(Channel, "kept"u8.ToArray(), default);

        Assert.Equal("found", await sink.NextTextAsync());
        Assert.Equal("kept", await sink.NextTextAsync());
        Assert.Equal((1, 2), (sink.Lost, sink.Restored));
        await broker.StopAsync(default);
    }

    [Fact]
    public async Task A_channel_that_is_missing_for_a_moment_costs_nobody_the_link()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var proxy = new TcpProxy(redis.Port);
        var asked = 0;
        proxy.Rewrite = bytes => Encoding.Latin1.GetString(bytes).Contains("NUMSUB", StringComparison.Ordinal) && Interlocked.Increment(ref asked) is 2
            ? Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(bytes).Replace("redis/one", "redis/eno", StringComparison.Ordinal))
            : bytes;
        using var broker = NewRedisBroker.For(proxy.Endpoint, verifyInterval: TimeSpan.FromMilliseconds(100));
        var sink = new AwaitedSink();
        await broker.StartAsync(sink, default);

        await broker.SubscribeAsync(Channel, default);
        await Eventually.TrueAsync(() => Volatile.Read(ref asked) > 5, "Redis is asked again and again");

        Assert.Equal((0, 1), (sink.Lost, sink.Restored));
        await broker.StopAsync(default);
    }

    private sealed class KeptLog : ILogger<RedisBroker>
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{formatter(state, exception)} {exception}");
    }
}
