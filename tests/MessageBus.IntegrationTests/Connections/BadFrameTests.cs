using System.Text;
using MessageBus.IntegrationTests.Support;
using static MessageBus.IntegrationTests.Support.RawWebSocket;

namespace MessageBus.IntegrationTests.Connections;

/// <summary>Frames that break RFC 6455, as only a raw socket sends them.</summary>
public sealed class BadFrameTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private readonly GatewayApp _gateway = shared.App;

    public static TheoryData<string, byte[]> ProtocolErrors { get; } = new()
    {
        { "unmasked", Frame(Fin | Text, """{"type":"pong"}"""u8, masked: false) },
        { "reserved opcode 3", Frame(Fin | 0x3, "{}"u8) },
        { "reserved opcode B", Frame(Fin | 0xB, ""u8) },
        { "RSV1", Frame(Fin | 0x40 | Text, "{}"u8) },
        { "RSV2", Frame(Fin | 0x20 | Text, "{}"u8) },
        { "RSV3", Frame(Fin | 0x10 | Text, "{}"u8) },
        { "fragmented ping", Frame(Ping, ""u8) },
        { "fragmented close", Frame(CloseFrame, ""u8) },
        { "ping of 126 bytes", Frame(Fin | Ping, new byte[126]) },
        { "close of 126 bytes", Frame(Fin | CloseFrame, [0x03, 0xE8, .. new byte[124]]) },
        { "stray continuation", Frame(Fin | Continuation, "{}"u8) },
        { "text within a fragmented text", [.. Frame(Text, "{"u8), .. Frame(Fin | Text, "{}"u8)] },
        { "close with half a code", Frame(Fin | CloseFrame, [0x03]) },
        { "close with the reserved code 1005", Frame(Fin | CloseFrame, [0x03, 0xED]) },
        { "close with code 999", Frame(Fin | CloseFrame, [0x03, 0xE7]) },
        { "a length with its highest bit set", [Fin | Text, 0xFF, .. Enumerable.Repeat((byte)0xFF, 8), 0, 0, 0, 0] },
    };

    public static TheoryData<string, byte[]> NotUtf8 { get; } = new()
    {
        { "a lone continuation byte", Frame(Fin | Text, [0x80]) },
        { "cut off", Frame(Fin | Text, [.. "{\"type\":\""u8, 0xC3]) },
        { "overlong", Frame(Fin | Text, [0xC0, 0xAF]) },
        { "a surrogate", Frame(Fin | Text, [0xED, 0xA0, 0x80]) },
        { "beyond U+10FFFF", Frame(Fin | Text, [0xF4, 0x90, 0x80, 0x80]) },
        { "bad over two fragments", [.. Frame(Text, [0xE2, 0x82]), .. Frame(Fin | Continuation, [0x41])] },
        { "cut off in the last fragment", [.. Frame(Text, "{"u8), .. Frame(Fin | Continuation, [0xE2, 0x82])] },
    };

    [Theory]
    [MemberData(nameof(ProtocolErrors), DisableDiscoveryEnumeration = true)]
    public async Task A_frame_that_breaks_the_protocol_closes_with_1002(string what, byte[] bytes)
    {
        using var client = await RawWebSocket.ConnectAsync(_gateway);

        await client.SendAsync(bytes);

        Assert.True(await client.ReadCloseAsync() is 1002, what);
        await GoodClient.IsServedByAsync(_gateway);
    }

    [Theory]
    [MemberData(nameof(NotUtf8), DisableDiscoveryEnumeration = true)]
    public async Task Text_that_is_not_UTF8_closes_with_1007(string what, byte[] bytes)
    {
        using var client = await RawWebSocket.ConnectAsync(_gateway);

        await client.SendAsync(bytes);

        Assert.True(await client.ReadCloseAsync() is 1007, what);
        await GoodClient.IsServedByAsync(_gateway);
    }

    [Fact]
    public async Task UTF8_that_is_split_across_fragments_is_good()
    {
        using var client = await RawWebSocket.ConnectAsync(_gateway);
        var text = Encoding.UTF8.GetBytes("""{"type":"subscribe","id":1,"channel":"naïve/€/😀"}""");

        foreach (var (index, letter) in text.Index())
        {
            await client.SendAsync(Frame((index is 0 ? Text : Continuation) | (index == text.Length - 1 ? Fin : 0), [letter]));
        }

        Assert.StartsWith("""{"type":"subscribed","id":1,""", Encoding.UTF8.GetString((await client.ReadFrameAsync()).Payload), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reset_in_the_middle_of_a_message_ends_that_connection_only()
    {
        for (var n = 0; n < 20; n++)
        {
            using var client = await RawWebSocket.ConnectAsync(_gateway);
            await client.SendAsync(Header(Fin | Text, 1000));
            await client.SendAsync(new byte[n * 10]);
            client.Reset();
        }

        await Eventually.TrueAsync(async () => (await _gateway.GetJsonAsync("/api/connections")).GetArrayLength() is 0, "the gateway has let go of all of them");
        await GoodClient.IsServedByAsync(_gateway);
    }

    [Fact]
    public async Task A_second_fault_behind_the_first_does_not_cost_the_close_frame()
    {
        byte[] faults = [.. Frame(Fin | Text, "not JSON"u8), .. Frame(Fin | Text, [0x80]), .. new byte[256 * 1024]];

        for (var n = 0; n < 50; n++)
        {
            using var client = await RawWebSocket.ConnectAsync(_gateway);
            await client.SendAsync(faults);
            Assert.Equal(4400, await client.ReadCloseAsync());
        }
    }

    [Fact]
    public async Task A_flood_of_pings_is_answered_ping_for_ping()
    {
        const int Pings = 20_000;
        using var client = await RawWebSocket.ConnectAsync(_gateway);
        var ping = Frame(Fin | Ping, "echo"u8);

        var sending = client.SendAsync(Enumerable.Repeat(ping, Pings).SelectMany(bytes => bytes).ToArray());
        for (var n = 0; n < Pings; n++)
        {
            var (first, payload) = await client.ReadFrameAsync();
            Assert.Equal(Fin | Pong, first);
            Assert.Equal("echo"u8, payload);
        }

        await sending;
        await GoodClient.IsServedByAsync(_gateway);
    }
}
