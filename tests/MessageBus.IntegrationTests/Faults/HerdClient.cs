using System.Net.Sockets;
using System.Text;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>One of very many: a socket with one subscription, and so little beside that a test has ten thousand of them. Reads when it is asked to.</summary>
internal sealed class HerdClient(Uri bus, string channel) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly byte[] _buffer = new byte[512];
    private Socket? _socket;
    private int _read;
    private int _length;

    public string Channel => channel;

    /// <summary>Connects, again and again where it is not let in, and returns once its channel is subscribed.</summary>
    public async Task ConnectAsync()
    {
        while (!await TryConnectAsync())
        {
            await Task.Delay(Pause);
        }
    }

    /// <summary>The next message of the gateway: a short text frame that is not masked (RFC 6455 section 5.2).</summary>
    public async Task<string> NextAsync()
    {
        var header = await TakeAsync(2);
        Assert.Equal(RawWebSocket.Fin | RawWebSocket.Text, header.Span[0]);
        var length = (int)header.Span[1];
        if (length is 126)
        {
            var extended = await TakeAsync(2);
            length = (extended.Span[0] << 8) | extended.Span[1];
        }

        return Encoding.UTF8.GetString((await TakeAsync(length)).Span);
    }

    /// <summary>Its transport ends with a reset.</summary>
    public void CutOff() => _socket!.Close(timeout: 0);

    public void Dispose() => _socket?.Dispose();

    private async Task<bool> TryConnectAsync()
    {
        _read = _length = 0;
        _socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await _socket.ConnectAsync(bus.Host, bus.Port);
            await _socket.SendAsync(Encoding.ASCII.GetBytes(
                $"GET /bus HTTP/1.1\r\nHost: {bus.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
            if (!(await HeadAsync()).StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
            {
                _socket.Dispose();
                return false;
            }

            var connect = Encoding.UTF8.GetBytes($$"""{"type":"connect","subscriptions":[{"channel":"{{channel}}"}]}""");
            await _socket.SendAsync(RawWebSocket.Frame(RawWebSocket.Fin | RawWebSocket.Text, connect));
            Assert.StartsWith("""{"type":"connected",""", await NextAsync(), StringComparison.Ordinal);
            Assert.Equal($$"""{"type":"subscribed","channel":"{{channel}}"}""", await NextAsync());
            return true;
        }
        catch (SocketException)
        {
            _socket.Dispose();
            return false;
        }
    }

    private async Task<string> HeadAsync()
    {
        int end;
        while ((end = _buffer.AsSpan(_read, _length - _read).IndexOf("\r\n\r\n"u8)) < 0)
        {
            await FillAsync();
        }

        return Encoding.ASCII.GetString((await TakeAsync(end + 4)).Span);
    }

    /// <summary>The next bytes, valid until more are asked for.</summary>
    private async Task<ReadOnlyMemory<byte>> TakeAsync(int count)
    {
        while (_length - _read < count)
        {
            await FillAsync();
        }

        _read += count;
        return _buffer.AsMemory(_read - count, count);
    }

    private async Task FillAsync()
    {
        if (_read > 0)
        {
            _buffer.AsSpan(_read.._length).CopyTo(_buffer);
            (_read, _length) = (0, _length - _read);
        }

        var received = await Eventually.ResultAsync(_socket!.ReceiveAsync(_buffer.AsMemory(_length)).AsTask(), "the gateway sends something");
        _length += received > 0 ? received : throw new SocketException((int)SocketError.ConnectionReset);
    }
}
