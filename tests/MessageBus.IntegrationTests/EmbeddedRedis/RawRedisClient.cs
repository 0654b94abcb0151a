using System.Net;
using System.Net.Sockets;
using System.Text;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.EmbeddedRedis;

/// <summary>A socket to a Redis that sends and receives exactly the bytes it is told, written as Latin-1 text.</summary>
public sealed class RawRedisClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly StringBuilder _received = new();
    private readonly byte[] _buffer = new byte[64 * 1024];

    public static async Task<RawRedisClient> ConnectAsync(int port)
    {
        var client = new RawRedisClient();
        await client._socket.ConnectAsync(IPAddress.Loopback, port);
        return client;
    }

    public async Task SendAsync(string text)
    {
        ReadOnlyMemory<byte> bytes = Encoding.Latin1.GetBytes(text);
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes)..];
        }
    }

    /// <summary>Sends, and takes the replies up to and including the one to a PING that is sent behind it.</summary>
    public async Task<string> ExchangeAsync(string text)
    {
        const string Marker = "end-of-step";
        await SendAsync(text + $"PING {Marker}\r\n");
        return await TakeThroughAsync($"${Marker.Length}\r\n{Marker}\r\n");
    }

    /// <summary>Receives until <paramref name="end"/> has come, and takes all up to and including it.</summary>
    public async Task<string> TakeThroughAsync(string end)
    {
        var from = 0;
        while (true)
        {
            var at = _received.ToString(from, _received.Length - from).IndexOf(end, StringComparison.Ordinal);
            if (at >= 0)
            {
                var taken = _received.ToString(0, from + at + end.Length);
                _received.Remove(0, taken.Length);
                return taken;
            }

            from = Math.Max(0, _received.Length - end.Length);
            Assert.True(await ReceiveAsync(), $"The connection ended before '{end}' came");
        }
    }

    /// <summary>Sends nothing more, and takes all until the server closes.</summary>
    public async Task<string> TakeAllAsync()
    {
        _socket.Shutdown(SocketShutdown.Send);
        return await TakeToEndAsync();
    }

    /// <summary>Takes all until the server closes by itself.</summary>
    public async Task<string> TakeToEndAsync()
    {
        while (await ReceiveAsync())
        {
        }

        return _received.ToString();
    }

    public void Dispose() => _socket.Dispose();

    private async Task<bool> ReceiveAsync()
    {
        try
        {
            var length = await Eventually.ResultAsync(_socket.ReceiveAsync(_buffer), "bytes come from the server");
            _received.Append(Encoding.Latin1.GetString(_buffer, 0, length));
            return length > 0;
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            return false;
        }
    }
}
