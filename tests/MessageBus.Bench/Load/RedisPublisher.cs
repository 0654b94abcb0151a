using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace MessageBus.Bench.Load;

/// <summary>
/// Publishes through the real redis-server on one raw connection, pipelined: <c>*3 $7 PUBLISH $n channel $n payload</c>
/// (RESP, redis.io/docs/reference/protocol-spec). Replies are only checked: an error ends the run, 0 receivers are counted.
/// </summary>
internal sealed class RedisPublisher : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _replies = new byte[64 * 1024];
    private byte[] _waiting = new byte[256 * 1024];
    private int _start;
    private int _end;
    private bool _replyIsZero;
    private bool _atLineStart = true;
    private bool _gone;

    public RedisPublisher(int port)
    {
        _socket.Connect("127.0.0.1", port);
        _socket.Blocking = false;
    }

    public int Fd => (int)_socket.Handle;

    public bool HasWaiting => _end > _start;

    /// <summary>Publications that Redis had no subscriber for: the system under test had lost its subscription.</summary>
    public long Unheard { get; private set; }

    public void Add(string channel, int bytes, uint number, long time)
    {
        Reserve(channel.Length + bytes + 64);
        Append("*3\r\n$7\r\nPUBLISH\r\n$"u8);
        AppendNumber(channel.Length);
        _end += Encoding.ASCII.GetBytes(channel, _waiting.AsSpan(_end));
        Append("\r\n$"u8);
        AppendNumber(bytes);
        Stamp.Write(_waiting.AsSpan(_end, bytes), time, number);
        _end += bytes;
        Append("\r\n"u8);
    }

    /// <summary>Sends what the socket takes now. That redis-server is gone matters only to one who publishes.</summary>
    public void Flush()
    {
        if (_gone && HasWaiting)
            throw new IOException("redis-server has closed the connection");
        while (HasWaiting)
        {
            var sent = _socket.Send(_waiting.AsSpan(_start, _end - _start), SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
                return;
            if (error != SocketError.Success)
                throw new IOException($"redis-server: {error}");
            _start += sent;
        }

        _start = _end = 0;
    }

    public void ReadReplies()
    {
        while (!_gone && ReadOnce())
        {
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Whether there may be more to read.</summary>
    private bool ReadOnce()
    {
        var count = _socket.Receive(_replies, SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock)
            return false;
        if (count == 0 || error != SocketError.Success)
        {
            _gone = true;
            _socket.Dispose();
            return false;
        }

        foreach (var next in _replies.AsSpan(0, count))
        {
            if (_atLineStart && next == '-')
                throw new IOException($"redis-server: {Encoding.ASCII.GetString(_replies, 0, count)}");
            if (next == '\n' && _replyIsZero)
                Unheard++;
            if (next != '\r' && next != '\n' && !_atLineStart)
                _replyIsZero = next == '0';
            _atLineStart = next == '\n';
        }

        return count == _replies.Length;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_waiting.AsSpan(_end));
        _end += bytes.Length;
    }

    private void AppendNumber(int number)
    {
        number.TryFormat(_waiting.AsSpan(_end), out var written);
        _end += written;
        Append("\r\n"u8);
    }

    private void Reserve(int bytes)
    {
        if (_end + bytes <= _waiting.Length)
            return;
        if (_start > 0)
        {
            _waiting.AsSpan(_start, _end - _start).CopyTo(_waiting);
            _end -= _start;
            _start = 0;
        }

        while (_end + bytes > _waiting.Length)
            Array.Resize(ref _waiting, _waiting.Length * 2);
        Debug.Assert(_end + bytes <= _waiting.Length);
    }
}
