using System.Threading.Channels;
using MessageBus.IntegrationTests.Support;
using StackExchange.Redis;

namespace MessageBus.IntegrationTests.EmbeddedRedis;

/// <summary>StackExchange.Redis, as a backend service in .NET uses it.</summary>
[Trait("Sockets", "Either")]
public sealed class StackExchangeRedisTests
{
    [Fact]
    public async Task StackExchange_Redis_publishes_to_the_gateway_and_hears_browsers()
    {
        await using var host = await EmbeddedRedisHost.StartAsync();
        await host.SubscribeAsync("orders/42");
        using var redis = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{host.Port}");
        var heard = Channel.CreateUnbounded<string>();
        await redis.GetSubscriber().SubscribeAsync(Literal("orders/42"), (channel, payload) => heard.Writer.TryWrite($"{channel} {payload}"));

        var receivers = await redis.GetSubscriber().PublishAsync(Literal("orders/42"), "from a service");
        await host.PublishAsync("orders/42", "from a browser");

        Assert.Equal(2, receivers);
        Assert.Equal("orders/42 from a service", await NextAsync(heard));
        Assert.Equal("orders/42 from a browser", await NextAsync(heard));
        Assert.Equal(["orders/42 from a service", "orders/42 from a browser"], host.Gateway.Publications);
    }

    [Fact]
    public async Task StackExchange_Redis_subscribes_to_a_pattern_and_leaves_it()
    {
        await using var host = await EmbeddedRedisHost.StartAsync();
        using var redis = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{host.Port}");
        var heard = Channel.CreateUnbounded<string>();
        var pattern = new RedisChannel("orders/*", RedisChannel.PatternMode.Pattern);
        await redis.GetSubscriber().SubscribeAsync(pattern, (channel, payload) => heard.Writer.TryWrite($"{channel} {payload}"));

        await host.PublishAsync("orders/1", "in");
        var message = await NextAsync(heard);
        await redis.GetSubscriber().UnsubscribeAsync(pattern);
        var receivers = await redis.GetSubscriber().PublishAsync(Literal("orders/1"), "out");

        Assert.Equal("orders/1 in", message);
        Assert.Equal(0, receivers);
    }

    [Fact]
    public async Task StackExchange_Redis_takes_it_for_a_standalone_redis_7()
    {
        await using var host = await EmbeddedRedisHost.StartAsync();

        using var redis = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{host.Port},name=service");

        var server = redis.GetServer("127.0.0.1", host.Port);
        Assert.Equal(ServerType.Standalone, server.ServerType);
        Assert.Equal(7, server.Version.Major);
        Assert.False(server.IsReplica);
        Assert.True(await server.PingAsync() < Eventually.Limit);
    }

    private static RedisChannel Literal(string name) => new(name, RedisChannel.PatternMode.Literal);

    private static Task<string> NextAsync(Channel<string> heard) =>
        Eventually.ResultAsync(heard.Reader.ReadAsync().AsTask(), "a message comes");
}
