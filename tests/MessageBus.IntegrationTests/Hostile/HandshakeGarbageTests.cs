using System.Text;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Hostile;

/// <summary>What is no handshake, or nearly one. (Good handshakes with odd headers: HandshakeTests. Bytes behind a handshake: HandOverTests.)</summary>
public sealed class HandshakeGarbageTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private static readonly string Upgrade = RawHttp.Upgrade();

    private readonly GatewayApp _gateway = shared.App;

    public static TheoryData<string, string> Garbage { get; } = new()
    {
        { "NULs", "\0\0\0\0\r\n\r\n" },
        { "a TLS hello", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003" + new string('a', 100) + "\r\n\r\n" },
        { "words", "hello world\r\n\r\n" },
        { "a control character in the method", Upgrade.Replace("GET", "GE\u001b", StringComparison.Ordinal) + "\r\n" },
        { "a NUL in the path", RawHttp.Upgrade("/bus%00") + "\r\n" },
        { "a path that is no path", RawHttp.Upgrade("bus") + "\r\n" },
        { "the address of another host", RawHttp.Upgrade("http://elsewhere.example/bus") + "\r\n" },
        { "a path of 9,000 characters", RawHttp.Upgrade("/bus?" + new string('x', 9000)) + "\r\n" },
        { "HTTP/1.0", Upgrade.Replace("HTTP/1.1", "HTTP/1.0", StringComparison.Ordinal) + "\r\n" },
        { "no Host", Upgrade.Replace("Host: localhost\r\n", "", StringComparison.Ordinal) + "\r\n" },
        { "two Hosts", Upgrade + "Host: elsewhere.example\r\n\r\n" },
        { "a bad Host", Upgrade.Replace("Host: localhost", "Host: a b", StringComparison.Ordinal) + "\r\n" },
        { "a NUL in a header", Upgrade + "X-A: a\0b\r\n\r\n" },
        { "a bare CR in a header", Upgrade + "X-A: a\rX-B: b\r\n\r\n" },
        { "a folded header", Upgrade + "X-A: a\r\n b\r\n\r\n" },
        { "a space before the colon", Upgrade + "X-A : a\r\n\r\n" },
        { "a header without a name", Upgrade + ": a\r\n\r\n" },
        { "a header that is not UTF-8", Upgrade + "Origin: \u00ff\u00fe\r\n\r\n" },
        { "a header of 40 KB", Upgrade + $"X-A: {new string('a', 40 * 1024)}\r\n\r\n" },
        { "2,000 headers", Upgrade + string.Concat(Enumerable.Range(0, 2000).Select(n => $"X-{n}: a\r\n")) + "\r\n" },
        { "10,000 subprotocols in a header", Upgrade + $"Sec-WebSocket-Protocol: {string.Join(',', Enumerable.Repeat("a", 10_000))},messagebus.v1.json\r\n\r\n" },
        { "two keys", Upgrade + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" },
        { "a body", Upgrade + "Content-Length: 5\r\n\r\nhello" },
        { "a body in chunks", Upgrade + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" },
        { "two lengths", Upgrade + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "another protocol", Upgrade.Replace("Upgrade: websocket", "Upgrade: h2c", StringComparison.Ordinal) + "\r\n" },
        { "CONNECT", Upgrade.Replace("GET", "CONNECT", StringComparison.Ordinal) + "\r\n" },
    };

    [Theory]
    [MemberData(nameof(Garbage), DisableDiscoveryEnumeration = true)]
    public async Task It_is_answered_with_a_client_error(string what, string request)
    {
        var head = await RawHttp.HeadOfAnswerAsync(_gateway.Http, request);

        Assert.True(head.StartsWith("HTTP/1.1 4", StringComparison.Ordinal), $"{what}: {head}");
        Assert.DoesNotContain("Server:", head, StringComparison.OrdinalIgnoreCase);
        await GoodClient.IsServedByAsync(_gateway);
    }

    [Theory]
    [InlineData("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")]
    [InlineData("Sec-WebSocket-Extensions: permessage-deflate, x-webkit-deflate-frame, permessage-bzip2")]
    public async Task Compression_is_never_agreed_on_and_a_compressed_frame_closes_with_1002(string offer)
    {
        var head = await RawHttp.HeadOfAnswerAsync(_gateway.Http, $"{Upgrade}{offer}\r\n\r\n");
        using var client = await RawWebSocket.OpenAsync(_gateway.Http, [$"Host: {_gateway.Http.Authority}", offer]);

        await client.SendAsync(RawWebSocket.Frame(RawWebSocket.Fin | 0x40 | RawWebSocket.Text, [0xAA, 0x56, 0x2A, 0xA9]));

        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Sec-WebSocket-Extensions", head, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(1002, await client.ReadCloseAsync());
    }

    [Fact]
    public async Task Another_request_behind_a_refused_one_is_served_and_one_behind_an_upgrade_is_not_HTTP_any_more()
    {
        var refused = Upgrade.Replace("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 7", StringComparison.Ordinal);

        // "G" is a frame with RSV1 and the opcode 7.
        var close1002 = Encoding.Latin1.GetString([RawWebSocket.Fin | RawWebSocket.CloseFrame, 2, 0x03, 0xEA]);
        var answers = await RawHttp.AnswerAsync(_gateway.Http, $"{refused}\r\n{Upgrade}\r\nGET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n", end: close1002);

        var first = answers[..answers.IndexOf("HTTP/1.1 101 ", StringComparison.Ordinal)];
        var second = answers[first.Length..];
        Assert.StartsWith("HTTP/1.1 4", first, StringComparison.Ordinal);
        Assert.DoesNotContain("Healthy", answers, StringComparison.Ordinal);
        Assert.EndsWith(close1002, second, StringComparison.Ordinal);
    }
}
