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

    /// <summary>What has been received and not yet been taken.</summary>
    public string Received => _received.ToString();

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
        int at;
        while ((at = Received.IndexOf(end, StringComparison.Ordinal)) < 0)
        {
            Assert.True(await ReceiveAsync(), $"The connection ended before '{end}' after '{Received}'");
        }

        var taken = Received[..(at + end.Length)];
        _received.Remove(0, taken.Length);
        return taken;
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

        return Received;
    }

    public void Dispose() => _socket.Dispose();

    private async Task<bool> ReceiveAsync()
    {
        try
        {
            var length = await Eventually.ResultAsync(_socket.ReceiveAsync(_buffer), $"bytes come from the server, after '{Received}'");
            _received.Append(Encoding.Latin1.GetString(_buffer, 0, length));
            return length > 0;
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            return false;
        }
    }
}
