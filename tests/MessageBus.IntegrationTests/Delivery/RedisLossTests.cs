using System.Net;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Delivery;

/// <summary>Redis comes and goes; browsers keep their sockets and are told.</summary>
[Trait("Sockets", "Either")]
public sealed class RedisLossTests
{
    [Fact]
    public async Task Killed_and_started_again_Redis_is_followed_by_status_and_gap_and_messages_flow()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var client = await BusClient.ConnectAsync(gateway.Bus, "survives/1", "survives/2");
        await using var idle = await BusClient.ConnectAsync(gateway.Bus);

        await redis.KillAsync();
        Assert.Equal("down", (await client.ExpectAsync("status")).GetProperty("broker").GetString());
        Assert.Equal("down", (await idle.ExpectAsync("status")).GetProperty("broker").GetString());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await gateway.StatusOfAsync("/health/ready"));
        Assert.Equal(HttpStatusCode.OK, await gateway.StatusOfAsync("/health/live"));
        await client.SendAsync(new { type = "publish", id = 7, channel = "survives/1", payload = "lost" });
        var refused = await client.ExpectAsync("error");
        await redis.RestartAsync();
        Assert.Equal("up", (await client.ExpectAsync("status")).GetProperty("broker").GetString());
        var gap = await client.ExpectAsync("gap");
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "survives/1", "one");
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "survives/2", "two");

        Assert.Equal("one", await client.ExpectTextAsync("survives/1"));
        Assert.Equal("two", await client.ExpectTextAsync("survives/2"));
        Assert.Equal("unavailable", refused.GetProperty("code").GetString());
        Assert.Equal(7, refused.GetProperty("id").GetInt32());
        Assert.True(refused.GetProperty("retryAfter").GetInt32() > 0);
        Assert.Equal("broker_reconnected", gap.GetProperty("reason").GetString());
        Assert.False(gap.TryGetProperty("channel", out _));
        Assert.Equal("up", (await idle.ExpectAsync("status")).GetProperty("broker").GetString());
        Assert.True(idle.IsQuiet, "A connection without a subscription has no gap.");
        Assert.Equal(HttpStatusCode.OK, await gateway.StatusOfAsync("/health/ready"));
    }

    [Fact]
    public async Task Redis_that_is_absent_at_the_start_is_found_when_it_comes()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await redis.KillAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var client = await BusClient.OpenAsync(gateway.Bus);
        await client.SendAsync(new { type = "connect", id = 1 });
        await client.ExpectAsync("connected");
        Assert.Equal("down", (await client.ExpectAsync("status")).GetProperty("broker").GetString());
        await client.SendAsync(new { type = "subscribe", id = 2, channel = "early" });
        Assert.Equal("unavailable", await client.ExpectErrorAsync());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await gateway.StatusOfAsync("/health/ready"));

        await redis.RestartAsync();
        Assert.Equal("up", (await client.ExpectAsync("status")).GetProperty("broker").GetString());
        await client.SubscribeAsync("early");
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "early", "at last");

        Assert.Equal("at last", await client.ExpectTextAsync("early"));
        Assert.Equal(HttpStatusCode.OK, await gateway.StatusOfAsync("/health/ready"));
    }

    [Fact]
    public async Task Thousands_of_channels_are_all_subscribed_again_before_the_gap_is_told()
    {
        const int Channels = 5000;
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis, ("MessageBus:Limits:MaxSubscriptionsPerConnection", "5000"));
        var names = Enumerable.Range(0, Channels).Select(n => $"many/{n}").ToArray();
        await using var client = await BusClient.ConnectAsync(gateway.Bus);
        foreach (var name in names)
        {
            await client.SendAsync(new { type = "subscribe", channel = name });
        }

        foreach (var _ in names)
        {
            await client.ExpectAsync("subscribed");
        }

        await redis.KillAsync();
        await client.ExpectAsync("status");
        await redis.RestartAsync();
        await client.ExpectAsync("status");
        await client.ExpectAsync("gap");
        var subscribed = await RedisCli.RunAsync(redis.Port, "PUBSUB", "CHANNELS", "many/*");

        Assert.Equal(Channels, subscribed.Split('\n').Length);
    }
}
