using System.Diagnostics;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Connections;

/// <summary>The heartbeat over real time, with the shortest ping interval there is: the silent are closed after 2 x 1 s + 10 s.</summary>
public sealed class HeartbeatTests
{
    [Fact]
    public async Task Who_answers_pings_stays_and_who_is_silent_is_closed_with_4504()
    {
        await using var gateway = GatewayApp.Start(("MessageBus:Limits:PingInterval", "00:00:01"));
        var since = Stopwatch.StartNew();
        await using var silent = await BusClient.ConnectAsync(gateway.Bus);
        await using var alive = await BusClient.ConnectAsync(gateway.Bus);

        var closed = silent.ExpectCloseAsync();
        var pings = 0;
        while (!closed.IsCompleted)
        {
            await alive.ExpectAsync("ping");
            await alive.SendAsync(new { type = "pong" });
            pings++;
        }

        Assert.Equal(4504, await closed);
        Assert.Equal("heartbeat missed", silent.CloseText);
        Assert.True(since.Elapsed > TimeSpan.FromSeconds(11), $"Closed after {since.Elapsed} already.");
        Assert.True(pings >= 3, $"Pinged {pings} times only.");
        await silent.ExpectAsync("ping");
        await alive.SubscribeAsync("still/open");
        await GoodClient.IsServedByAsync(gateway);
    }

    [Fact]
    public async Task A_client_is_told_the_interval_and_pinged_after_it()
    {
        await using var gateway = GatewayApp.Start(("MessageBus:Limits:PingInterval", "00:00:02"));
        await using var client = await BusClient.OpenAsync(gateway.Bus);

        var since = Stopwatch.StartNew();
        var connected = await client.ConnectAsync();
        await client.ExpectAsync("ping");

        Assert.Equal(2, connected.GetProperty("pingInterval").GetInt32());
        Assert.True(since.Elapsed > TimeSpan.FromSeconds(1), $"Pinged after {since.Elapsed} already.");
    }

    [Fact]
    public async Task A_client_that_asks_is_answered_at_once_with_and_without_an_id()
    {
        await using var gateway = GatewayApp.Start();
        await using var client = await BusClient.ConnectAsync(gateway.Bus);

        await client.SendAsync(new { type = "ping", id = 5 });
        var answer = await client.ExpectAsync("pong");
        await client.SendAsync(new { type = "ping" });
        var another = await client.ExpectAsync("pong");

        Assert.Equal(5, answer.GetProperty("id").GetInt32());
        Assert.False(another.TryGetProperty("id", out _));
    }

    [Fact]
    public async Task A_client_is_told_its_limits()
    {
        await using var gateway = GatewayApp.Start(
            ("MessageBus:Limits:MaxCommandsPerSecond", "11"), ("MessageBus:Limits:CommandBurst", "12"), ("MessageBus:Limits:MaxPublishesPerSecond", "13"),
            ("MessageBus:Limits:MaxSubscribesPerSecond", "14"), ("MessageBus:Limits:MaxSubscriptionsPerConnection", "15"));
        await using var client = await BusClient.OpenAsync(gateway.Bus);

        var connected = await client.ConnectAsync();

        Assert.Equal(
            """{"commands":11,"commandBurst":12,"publishes":13,"subscribes":14,"subscriptions":15}""",
            connected.GetProperty("limits").GetRawText());
    }
}
