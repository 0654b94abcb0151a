using System.Text.Json;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Limits;

/// <summary>How fast one connection may send. The clock moves only where a test moves it.</summary>
public sealed class CommandRateTests
{
    private static readonly (string, string)[] TenAtOnceThenFive = [("MessageBus:Limits:CommandBurst", "10"), ("MessageBus:Limits:MaxCommandsPerSecond", "5")];

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Commands_beyond_the_burst_are_refused_and_allowed_again_after_the_time_that_it_says()
    {
        await using var gateway = GatewayApp.Start(_time, TenAtOnceThenFive);
        await using var hurried = await BusClient.ConnectAsync(gateway.Bus);
        await using var other = await BusClient.ConnectAsync(gateway.Bus, "a");
        for (var n = 0; n < 9; n++)
        {
            await hurried.SubscribeAsync($"a/{n}");
        }

        await hurried.SendAsync(new { type = "subscribe", id = 100, channel = "a" });

        var refused = await hurried.ExpectAsync("error");
        Assert.Equal("rate_limited", refused.GetProperty("code").GetString());
        Assert.Equal(100, refused.GetProperty("id").GetInt32());
        Assert.Equal("a", refused.GetProperty("channel").GetString());
        Assert.Equal(400, refused.GetProperty("retryAfter").GetInt32());
        await other.PublishAsync("a/0", "undisturbed");
        Assert.Equal("undisturbed", await hurried.ExpectTextAsync("a/0"));

        _time.Advance(TimeSpan.FromMilliseconds(400));
        await hurried.SubscribeAsync("a");
        await hurried.SendAsync(new { type = "subscribe", channel = "b" });
        Assert.Equal("rate_limited", await hurried.ExpectErrorAsync());
    }

    [Fact]
    public async Task Who_goes_on_regardless_is_closed_with_4429()
    {
        await using var gateway = GatewayApp.Start(_time, TenAtOnceThenFive);
        await using var flooding = await BusClient.ConnectAsync(gateway.Bus);
        await using var other = await BusClient.ConnectAsync(gateway.Bus, "a");

        for (var n = 2; n <= 21; n++)
        {
            await flooding.SendAsync(new { type = "subscribe", channel = "a" });
        }

        for (var n = 2; n <= 10; n++)
        {
            await flooding.ExpectAsync("subscribed");
        }

        for (var n = 11; n <= 20; n++)
        {
            Assert.Equal("rate_limited", await flooding.ExpectErrorAsync());
        }

        Assert.Equal(4429, await flooding.ExpectCloseAsync());
        Assert.Equal("too many connections or messages", flooding.CloseText);
        await other.SendAsync(new { type = "publish", channel = "a", payload = "undisturbed" });
        Assert.Equal("undisturbed", await other.ExpectTextAsync("a"));
    }

    [Fact]
    public async Task What_gives_something_back_is_done_also_when_in_a_hurry()
    {
        await using var gateway = GatewayApp.Start(_time, TenAtOnceThenFive);
        await using var client = await BusClient.ConnectAsync(gateway.Bus, "a");
        for (var n = 2; n <= 10; n++)
        {
            await client.SendAsync(new { type = "pong" });
        }

        await client.SendAsync(new { type = "subscribe", channel = "b" });
        Assert.Equal("rate_limited", await client.ExpectErrorAsync());
        await client.SendAsync(new { type = "unsubscribe", channel = "a" });

        await client.ExpectAsync("unsubscribed");
    }

    [Fact]
    public async Task Publications_have_a_limit_of_their_own()
    {
        await using var gateway = GatewayApp.Start(_time, ("MessageBus:Limits:MaxPublishesPerSecond", "4"));
        await using var hurried = await BusClient.ConnectAsync(gateway.Bus);
        await using var other = await BusClient.ConnectAsync(gateway.Bus);
        for (var n = 0; n < 4; n++)
        {
            await hurried.PublishAsync("a", "x");
        }

        await hurried.SendAsync(new { type = "publish", id = 100, channel = "a", payload = "y" });
        AssertRateLimited(await hurried.ExpectAsync("error"), id: 100, retryAfter: 250);
        await hurried.SubscribeAsync("a");
        await other.PublishAsync("a", "undisturbed");
        Assert.Equal("undisturbed", await hurried.ExpectTextAsync("a"));

        _time.Advance(TimeSpan.FromMilliseconds(250));
        await other.SubscribeAsync("a");
        await hurried.SendAsync(new { type = "publish", channel = "a", payload = "z" });
        Assert.Equal("z", await other.ExpectTextAsync("a"));
        Assert.Equal("z", await hurried.ExpectTextAsync("a"));
        await hurried.SendAsync(new { type = "publish", id = 101, channel = "a", payload = "y" });
        AssertRateLimited(await hurried.ExpectAsync("error"), id: 101, retryAfter: 250);
    }

    [Fact]
    public async Task Subscriptions_that_come_and_go_have_a_limit_of_their_own()
    {
        await using var gateway = GatewayApp.Start(_time, ("MessageBus:Limits:MaxSubscriptionsPerConnection", "3"), ("MessageBus:Limits:MaxSubscribesPerSecond", "2"));
        await using var client = await BusClient.ConnectAsync(gateway.Bus, "connect/counts/only/as/held");
        await client.SendAsync(new { type = "unsubscribe", channel = "connect/counts/only/as/held" });
        await client.ExpectAsync("unsubscribed");
        foreach (var channel in new[] { "a", "b", "c" })
        {
            await client.SubscribeAsync(channel);
        }

        await client.SendAsync(new { type = "subscribe", channel = "d" });
        Assert.Equal("too_many_subscriptions", await client.ExpectErrorAsync());
        await client.SendAsync(new { type = "unsubscribe", channel = "a" });
        await client.ExpectAsync("unsubscribed");
        await client.SendAsync(new { type = "subscribe", id = 100, channel = "d" });
        AssertRateLimited(await client.ExpectAsync("error"), id: 100, retryAfter: 500);
        await client.SubscribeAsync("b");

        _time.Advance(TimeSpan.FromMilliseconds(500));
        await client.SubscribeAsync("d");
        await client.SendAsync(new { type = "publish", channel = "b", payload = "held all the time" });
        Assert.Equal("held all the time", await client.ExpectTextAsync("b"));
    }

    private static void AssertRateLimited(JsonElement error, int id, int retryAfter)
    {
        Assert.Equal("rate_limited", error.GetProperty("code").GetString());
        Assert.Equal(id, error.GetProperty("id").GetInt32());
        Assert.Equal(retryAfter, error.GetProperty("retryAfter").GetInt32());
    }
}
