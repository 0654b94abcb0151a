using MessageBus.IntegrationTests.Support;
using MessageBus.IntegrationTests.Telemetry;

namespace MessageBus.IntegrationTests.Delivery;

/// <summary>A client that does not read hurts nobody but itself.</summary>
public sealed class SlowConsumerTests
{
    private static readonly byte[] Payload = [.. Enumerable.Repeat((byte)'x', 16 * 1024)];

    [Fact]
    public async Task A_client_that_leaves_bytes_waiting_for_too_long_is_closed_by_their_age()
    {
        await using var gateway = GatewayApp.Start(("MessageBus:Limits:MaxBacklogAge", "00:00:01"), ("MessageBus:Limits:MaxBacklogBytes", "1073741824"), ("MessageBus:Limits:CloseTimeout", "00:00:30"));
        await using var slow = await BusClient.OpenAsync(gateway.Bus, paused: true);
        await slow.SendAsync(new { type = "connect", subscriptions = new[] { new { channel = "old" } } });
        await Eventually.TrueAsync(async () => (await gateway.GetJsonAsync("/api/channels")).GetArrayLength() is 1, "the slow client is subscribed");
        using var backend = new RespConnection(gateway.EmbeddedPort);

        // More than the kernel's buffers hold, far less than the limit in bytes.
        await backend.PublishAsync(Enumerable.Repeat(("old", Payload), 2000));
        await Eventually.TrueAsync(async () => await OpenConnectionsAsync(gateway) is 0, "the slow client is given up");
        slow.Resume();

        Assert.Equal(4508, await slow.ExpectCloseAsync());
    }

    [Fact]
    public async Task A_client_that_reads_byte_by_byte_is_closed_by_what_waits_for_it_and_another_loses_nothing()
    {
        await using var gateway = GatewayApp.Start(("MessageBus:Limits:MaxBacklogBytes", "262144"), ("MessageBus:Limits:MaxBacklogAge", "00:10:00"));
        using var slow = await RawWebSocket.ConnectAsync(gateway);
        await slow.SendAsync(RawWebSocket.Frame(RawWebSocket.Fin | RawWebSocket.Text, """{"type":"subscribe","channel":"drop"}"""u8));
        await using var other = await BusClient.ConnectAsync(gateway.Bus, "drop");
        await Eventually.TrueAsync(async () => (await gateway.GetJsonAsync("/api/channels"))[0].GetProperty("subscribers").GetInt32() is 2, "both are subscribed");
        using var backend = new RespConnection(gateway.EmbeddedPort);

        // One at a time, each heard by the other before the next: what waits anywhere waits for the slow one, who takes a byte meanwhile.
        while (await OpenConnectionsAsync(gateway) is 2)
        {
            for (var n = 0; n < 20; n++)
            {
                await backend.PublishAsync("drop", Payload);
                Assert.True((await other.ExpectPayloadAsync("drop")).SequenceEqual(Payload));
                await slow.ReadAsync(1);
            }
        }

        await slow.ExpectEndAsync("the gateway ends the connection of the slow client");
        Assert.True(other.IsQuiet);
        await Scrape.ReachesAsync(gateway, "messagebus_connections_closed_total{reason=\"too_slow\"}", 1);
    }

    [Fact]
    public async Task A_publication_that_could_not_even_wait_becomes_a_gap()
    {
        await using var gateway = GatewayApp.Start(("MessageBus:Limits:MaxBacklogBytes", "16384"));
        await using var client = await BusClient.ConnectAsync(gateway.Bus, "big");
        using var backend = new RespConnection(gateway.EmbeddedPort);

        await backend.PublishAsync([("big", "before"u8.ToArray()), ("big", new byte[5 * 1024 * 1024]), ("big", "after"u8.ToArray())]);

        Assert.Equal("before", await client.ExpectTextAsync("big"));
        var gap = await client.ExpectAsync("gap");
        Assert.Equal(("big", "too_large"), (gap.GetProperty("channel").GetString(), gap.GetProperty("reason").GetString()));
        Assert.Equal("after", await client.ExpectTextAsync("big"));
    }

    private static async Task<int> OpenConnectionsAsync(GatewayApp gateway) => (await gateway.GetJsonAsync("/api/connections")).GetArrayLength();
}
