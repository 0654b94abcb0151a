using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace MessageBus.IntegrationTests.Support;

/// <summary>
/// RFC 6455 by hand over a TCP socket, for frames that no WebSocket library sends. Frame (section 5.2):
/// <code>
/// FIN RSV1-3 opcode(4 bits) | MASK length(7 bits) | [ extended length: 2 or 8 bytes ] | [ masking key: 4 bytes ] | payload
/// </code>
/// </summary>
public sealed class RawWebSocket : IDisposable
{
    public const byte Fin = 0x80;
    public const byte Continuation = 0x0;
    public const byte Text = 0x1;
    public const byte Binary = 0x2;
    public const byte CloseFrame = 0x8;
    public const byte Ping = 0x9;
    public const byte Pong = 0xA;

    private readonly TcpClient _tcp;
    private readonly NetworkStream _stream;

    private RawWebSocket(TcpClient tcp)
    {
        _tcp = tcp;
        _stream = tcp.GetStream();
    }

    /// <summary>Opens the WebSocket of the gateway, without a connect command.</summary>
    public static Task<RawWebSocket> OpenAsync(GatewayApp gateway, params (string Name, string Value)[] headers) =>
        OpenAsync(gateway.Http, [$"Host: {gateway.Http.Authority}", .. headers.Select(header => $"{header.Name}: {header.Value}")]);

    /// <summary>Opens it with header lines of the test's own; Host is among them, or is not sent.</summary>
    public static async Task<RawWebSocket> OpenAsync(Uri http, IEnumerable<string> headers)
    {
        var (socket, head) = await RequestAsync(http, headers);
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        return socket;
    }

    /// <summary>Asks for it. Also where it is refused, the transport stays open; the head of the answer says which it was.</summary>
    public static Task<(RawWebSocket Socket, string Head)> AskAsync(Uri http, params string[] headers) => RequestAsync(http, [$"Host: {http.Authority}", .. headers]);

    /// <summary>The head of the answer to such a request.</summary>
    public static async Task<string> AnswerToAsync(Uri http, IEnumerable<string> headers)
    {
        var (socket, head) = await RequestAsync(http, headers);
        socket.Dispose();
        return head;
    }

    /// <summary>Opens it and connects.</summary>
    public static async Task<RawWebSocket> ConnectAsync(GatewayApp gateway)
    {
        var socket = await OpenAsync(gateway);
        await socket.SendAsync(Frame(Fin | Text, """{"type":"connect"}"""u8));
        Assert.StartsWith("""{"type":"connected",""", Encoding.UTF8.GetString((await socket.ReadFrameAsync()).Payload), StringComparison.Ordinal);
        return socket;
    }

    /// <summary>A frame of a client. <paramref name="first"/> is its first byte; the masking key is zero, which masks nothing.</summary>
    public static byte[] Frame(int first, ReadOnlySpan<byte> payload, bool masked = true) =>
        [(byte)first, .. Length(payload.Length, masked), .. new byte[masked ? 4 : 0], .. payload];

    /// <summary>What stands before the payload of a frame that declares this length.</summary>
    public static byte[] Header(int first, long length) => [(byte)first, .. Length(length, masked: true), 0, 0, 0, 0];

    public Task SendAsync(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes).AsTask();

    /// <summary>The next frame of the gateway.</summary>
    public async Task<(byte First, byte[] Payload)> ReadFrameAsync()
    {
        var header = await ReadAsync(2);
        long length = header[1];
        if (length is 126)
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(await ReadAsync(2));
        }
        else if (length is 127)
        {
            length = BinaryPrimitives.ReadInt64BigEndian(await ReadAsync(8));
        }

        return (header[0], await ReadAsync((int)length));
    }

    /// <summary>The next bytes of the gateway, whatever they are.</summary>
    public async Task<byte[]> ReadAsync(int count, TimeSpan? limit = null)
    {
        var bytes = new byte[count];
        await Eventually.DoneAsync(_stream.ReadExactlyAsync(bytes).AsTask(), $"the gateway sends {count} bytes more", limit);
        return bytes;
    }

    /// <summary>The code of the next close frame, whatever comes before it; null where it has none.</summary>
    public async Task<int?> ReadCloseAsync()
    {
        while (true)
        {
            var (first, payload) = await ReadFrameAsync();
            if (first == (Fin | CloseFrame))
            {
                return payload.Length is 0 ? null : BinaryPrimitives.ReadUInt16BigEndian(payload);
            }
        }
    }

    /// <summary>Ends its own side of the transport (FIN), without a close frame.</summary>
    public void EndSending() => _tcp.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Reads and forgets until the gateway ends the transport, in whatever way.</summary>
    public async Task ExpectEndAsync(string reason, TimeSpan? limit = null)
    {
        try
        {
            await Eventually.DoneAsync(_stream.CopyToAsync(Stream.Null), reason, limit);
        }
        catch (IOException)
        {
            // A reset is an end too.
        }
    }

    /// <summary>Ends the transport with a TCP reset.</summary>
    public void Reset()
    {
        _tcp.LingerState = new LingerOption(enable: true, seconds: 0);
        _tcp.Close();
    }

    public void Dispose() => _tcp.Dispose();

    private static async Task<(RawWebSocket Socket, string Head)> RequestAsync(Uri http, IEnumerable<string> headers)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(http.Host, http.Port);
        var socket = new RawWebSocket(tcp);
        await socket.SendAsync(Encoding.Latin1.GetBytes(
            $"GET /bus HTTP/1.1\r\n{string.Concat(headers.Select(line => $"{line}\r\n"))}Connection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)(await socket.ReadAsync(1))[0]);
        }

        return (socket, head.ToString());
    }

    private static byte[] Length(long length, bool masked)
    {
        var mask = (byte)(masked ? 0x80 : 0);
        switch (length)
        {
            case < 126:
                return [(byte)(mask | length)];

            case <= ushort.MaxValue:
                return [(byte)(mask | 126), (byte)(length >> 8), (byte)length];

            default:
                var bytes = new byte[9];
                bytes[0] = (byte)(mask | 127);
                BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), length);
                return bytes;
        }
    }
}
