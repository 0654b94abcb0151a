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
}
