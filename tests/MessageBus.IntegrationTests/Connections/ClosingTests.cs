using MessageBus.IntegrationTests.Support;
using MessageBus.IntegrationTests.Telemetry;
using static MessageBus.IntegrationTests.Support.RawWebSocket;

namespace MessageBus.IntegrationTests.Connections;

/// <summary>How connections end that nobody is to blame for.</summary>
public sealed class ClosingTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private readonly GatewayApp _gateway = shared.App;

    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(3000)]
    [InlineData(4321)]
    public async Task The_code_of_a_clients_close_is_echoed(int code)
    {
        using var client = await RawWebSocket.ConnectAsync(_gateway);

        await client.SendAsync(Frame(Fin | CloseFrame, [(byte)(code >> 8), (byte)code, .. "bye"u8]));

        Assert.Equal(code, await client.ReadCloseAsync());
        await Assert.ThrowsAsync<EndOfStreamException>(client.ReadFrameAsync);
    }

    [Fact]
    public async Task A_close_without_a_code_is_answered()
    {
        using var client = await RawWebSocket.ConnectAsync(_gateway);

        await client.SendAsync(Frame(Fin | CloseFrame, ""u8));

        Assert.True(await client.ReadCloseAsync() is null or 1000);
        await Assert.ThrowsAsync<EndOfStreamException>(client.ReadFrameAsync);
    }

    [Fact]
    public async Task What_was_sent_before_a_close_is_still_done_and_answered()
    {
        using var client = await RawWebSocket.ConnectAsync(_gateway);

        var publish = Frame(Fin | Text, """{"type":"publish","id":1,"channel":"last/words","payload":"x"}"""u8);
        var close = Frame(Fin | CloseFrame, [0x03, 0xE8]);
        await client.SendAsync(publish.Concat(close).ToArray());

        var (_, reply) = await client.ReadFrameAsync();
        Assert.Equal("""{"type":"published","id":1}"""u8, reply);
        Assert.Equal(1000, await client.ReadCloseAsync());
    }

    [Fact]
    public async Task A_client_that_never_answers_a_close_is_cut()
    {
        await using var gateway = GatewayApp.Start(("MessageBus:Limits:CloseTimeout", "00:00:01"));
        using var client = await RawWebSocket.ConnectAsync(gateway);

        await client.SendAsync(Frame(Fin | Text, "bad"u8));

        Assert.Equal(4400, await client.ReadCloseAsync());
        await Assert.ThrowsAnyAsync<IOException>(client.ReadFrameAsync);
        await Eventually.TrueAsync(async () => (await gateway.GetJsonAsync("/api/connections")).GetArrayLength() is 0, "the connection is gone");
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Clients_that_go_without_a_word_are_counted_as_lost_and_leave_nothing_behind(string ownSockets)
    {
        await using var gateway = GatewayApp.Start(("MessageBus:OwnSockets", ownSockets));
        var clients = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => RawWebSocket.ConnectAsync(gateway)));
        foreach (var client in clients)
        {
            await client.SendAsync(Frame(Fin | Text, """{"type":"subscribe","id":1,"channel":"closing/lost"}"""u8));
            var (_, reply) = await client.ReadFrameAsync();
            Assert.Equal("""{"type":"subscribed","id":1,"channel":"closing/lost"}"""u8, reply);
        }

        Array.ForEach(clients, client => client.Dispose());

        await Scrape.ReachesAsync(gateway, "messagebus_connections_closed_total{reason=\"lost\"}", clients.Length);
        await Scrape.ReachesAsync(gateway, "messagebus_subscriptions_active", 0);
        Assert.Equal(0, (await gateway.GetJsonAsync("/api/connections")).GetArrayLength());
    }

    [Fact]
    public async Task A_gateway_that_shuts_down_closes_everybody_with_4503()
    {
        await using var gateway = GatewayApp.Start();
        await using var subscribed = await BusClient.ConnectAsync(gateway.Bus, "a", "b");
        await using var connected = await BusClient.ConnectAsync(gateway.Bus);
        await using var open = await BusClient.OpenAsync(gateway.Bus);
        await Eventually.TrueAsync(async () => (await gateway.GetJsonAsync("/api/connections")).GetArrayLength() is 3, "all three are there");

        await gateway.DisposeAsync();

        foreach (var client in new[] { subscribed, connected, open })
        {
            Assert.Equal(4503, await client.ExpectCloseAsync());
            Assert.Equal("shutting down", client.CloseText);
        }
    }
}
