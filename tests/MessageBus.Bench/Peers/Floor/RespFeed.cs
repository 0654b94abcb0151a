using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;

namespace MessageBus.Bench.Peers.Floor;

/// <summary>
/// A Redis subscription on a raw socket. Pushes are <c>*3 $7 message $n channel $n payload</c> and
/// <c>*3 $9 subscribe $n channel :count</c> (RESP2, redis.io/docs/reference/protocol-spec).
/// </summary>
internal sealed class RespFeed : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly char[] _name = new char[256];
    private byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;

    public RespFeed(int port)
    {
        _socket.Connect("127.0.0.1", port);
    }

    internal enum Kind
    {
        Message,
        Subscribed,
    }

    public int Fd => (int)_socket.Handle;

    public void Subscribe(string channel) => _socket.Send(Encoding.UTF8.GetBytes($"SUBSCRIBE {channel}\r\n"));

    /// <summary>Reads once; called when the socket is readable.</summary>
    public void Receive()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end == _buffer.Length)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            if (_end > _buffer.Length / 2)
                Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var count = _socket.Receive(_buffer.AsSpan(_end));
        if (count == 0)
            throw new IOException("redis-server has closed the connection");
        _end += count;
    }

    public bool TryRead(out Kind kind, out ReadOnlySpan<char> channel, out ReadOnlySpan<byte> payload)
    {
        ReadOnlySpan<byte> rest = _buffer.AsSpan(_start.._end);
        kind = Kind.Message;
        channel = default;
        payload = default;
        if (!TryReadNumber(ref rest, out _) || !TryReadBulk(ref rest, out var word) || !TryReadBulk(ref rest, out var name))
            return false;
        kind = word.SequenceEqual("message"u8) ? Kind.Message : Kind.Subscribed;
        if (kind == Kind.Message ? !TryReadBulk(ref rest, out payload) : !TryReadNumber(ref rest, out _))
            return false;
        channel = _name.AsSpan(0, Encoding.UTF8.GetChars(name, _name));
        _start = _end - rest.Length;
        return true;
    }

    public void Dispose() => _socket.Dispose();

    private static bool TryReadBulk(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> bulk)
    {
        bulk = default;
        if (!TryReadNumber(ref rest, out var length) || rest.Length < length + 2)
            return false;
        bulk = rest[..length];
        rest = rest[(length + 2)..];
        return true;
    }

    /// <summary>The number of a line like <c>*3</c>, <c>$7</c> or <c>:1</c>.</summary>
    private static bool TryReadNumber(scoped ref ReadOnlySpan<byte> rest, out int number)
    {
        number = 0;
        var end = rest.IndexOf((byte)'\n');
        if (end < 0 || !Utf8Parser.TryParse(rest[1..end], out number, out _))
            return false;
        rest = rest[(end + 1)..];
        return true;
    }
}
