using MessageBus.IntegrationTests.Support;
using static MessageBus.IntegrationTests.Support.RawWebSocket;

namespace MessageBus.IntegrationTests.Connections;

/// <summary>Messages over <c>MaxMessageBytes</c> close with 1009, however they come, and are not kept in memory.</summary>
public sealed class MessageLimitTests
{
    private const int MaxMessageBytes = 128 * 1024;

    [Fact]
    public async Task A_message_of_the_limit_is_read_and_one_byte_more_closes_with_1009()
    {
        await using var gateway = GatewayApp.Start();
        await using var client = await BusClient.ConnectAsync(gateway.Bus);
        const string Command = """{"type":"publish","id":1,"channel":"a","payload":"x"}""";

        await client.SendTextAsync(Command.PadRight(MaxMessageBytes));
        await client.ExpectAsync("published");
        await client.SendTextAsync(Command.PadRight(MaxMessageBytes + 1));

        Assert.Equal(1009, await client.ExpectCloseAsync());
        await GoodClient.IsServedByAsync(gateway);
    }

    [Fact]
    public async Task A_message_in_fragments_of_a_byte_closes_with_1009()
    {
        await using var gateway = GatewayApp.Start(("MessageBus:Limits:CloseTimeout", "00:01:00"));
        using var client = await RawWebSocket.ConnectAsync(gateway);
        byte[] fragments = [.. Frame(Text, "{"u8), .. Enumerable.Repeat(Frame(Continuation, " "u8), MaxMessageBytes).SelectMany(bytes => bytes)];

        var sending = client.SendAsync(fragments);

        Assert.Equal(1009, await client.ReadCloseAsync());
        await sending;
        await GoodClient.IsServedByAsync(gateway);
    }

    [Fact]
    public async Task A_client_that_goes_on_sending_a_message_that_is_too_big_is_cut_after_the_close_timeout()
    {
        await using var gateway = GatewayApp.Start(("MessageBus:Limits:CloseTimeout", "00:00:01"));
        using var client = await RawWebSocket.ConnectAsync(gateway);
        await client.SendAsync(Header(Fin | Text, long.MaxValue));

        // It may write until the gateway ends the transport, which is an IOException here.
        await Eventually.DoneAsync(Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                await client.SendAsync(new byte[16 * 1024]);
            }
        }), "the gateway cuts the client off");

        await GoodClient.IsServedByAsync(gateway);
    }
}
