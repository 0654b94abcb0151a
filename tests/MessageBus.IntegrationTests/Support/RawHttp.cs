using System.Net.Sockets;
using System.Text;

namespace MessageBus.IntegrationTests.Support;

/// <summary>HTTP by hand: bytes to a port, and what comes back. For requests that no client library sends.</summary>
public sealed class RawHttp : IDisposable
{
    // RFC 9112 section 7.1.
    private const string EndOfChunks = "\r\n0\r\n\r\n";

    private readonly TcpClient _tcp = new();

    /// <summary>The lines of a WebSocket upgrade without the blank line at its end.</summary>
    public static string Upgrade(string target = "/bus") =>
        $"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    /// <summary>The head of the answer to <paramref name="request"/> (Latin-1); what came instead where the connection ends before.</summary>
    public static async Task<string> HeadOfAnswerAsync(Uri http, string request)
    {
        using var client = new RawHttp();
        await client.SendAsync(http, request);
        return await client.ReadAsync(received => received.Contains("\r\n\r\n", StringComparison.Ordinal));
    }

    /// <summary>Everything that comes back up to <paramref name="end"/>, or until the gateway ends the connection.</summary>
    public static async Task<string> AnswerAsync(Uri http, string request, string end = EndOfChunks)
    {
        using var client = new RawHttp();
        await client.SendAsync(http, request);
        return await client.ReadAsync(received => received.EndsWith(end, StringComparison.Ordinal));
    }

    public async Task SendAsync(Uri http, string request)
    {
        await _tcp.ConnectAsync(http.Host, http.Port);
        await _tcp.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request));
    }

    /// <summary>Ends the connection with a TCP reset.</summary>
    public void Reset()
    {
        _tcp.LingerState = new LingerOption(enable: true, seconds: 0);
        _tcp.Close();
    }

    public void Dispose() => _tcp.Dispose();

    private async Task<string> ReadAsync(Func<string, bool> isEnough)
    {
        var received = "";
        var buffer = new byte[16 * 1024];
        try
        {
            while (!isEnough(received))
            {
                var count = await Eventually.ResultAsync(_tcp.GetStream().ReadAsync(buffer).AsTask(), "the gateway answers or ends the connection");
                if (count is 0)
                {
                    break;
                }

                received += Encoding.Latin1.GetString(buffer, 0, count);
            }
        }
        catch (IOException)
        {
            // A reset is an end too.
        }

        return received;
    }
}
