namespace MessageBus.Redis.Wire;

/// <summary>Looks at something that the client is about to get: an answer, or bytes of what is no RESP.</summary>
internal delegate void FrameListener(ReadOnlySpan<byte> frame, bool isResp);

/// <summary>
/// Reads a link's connection ahead of the client and takes the publications out of it, in the order of Redis, across all channels. The client's own ways of
/// bringing them keep that order at most per channel, and cost a queue for each. Everything else is the client's, unchanged and in its order.
/// One reader at a time, as the client reads.
/// </summary>
/// <param name="connection">What Redis sends.</param>
/// <param name="receiver">Takes the publications.</param>
/// <param name="listener">Looks at each of the other frames, or at what is no RESP.</param>
internal sealed class PublicationTap(Stream connection, IPublicationReceiver receiver, FrameListener? listener = null) : Stream
{
    /// <summary>Room for a few dozen small publications at a time; more only while a larger one passes.</summary>
    private const int UsualRoom = 64 * 1024;

    // So that a frame whose length shows only bit by bit does not need new room for each of its bits.
    private const int Spare = 4 * 1024;

    private byte[] _buffer = new byte[UsualRoom];
    private int _start;
    private int _end;

    // How many bytes from _start on are the client's.
    private int _forClient;

    // What follows is not RESP: the client judges it.
    private bool _isUntapped;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_forClient is 0)
        {
            var needed = Sift();
            if (_forClient is 0)
            {
                MakeRoom(needed);
                var read = await connection.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
                if (read is 0)
                {
                    return 0;
                }

                _end += read;
            }
        }

        return HandOver(buffer.Span);
    }

    public override int Read(Span<byte> buffer)
    {
        while (_forClient is 0)
        {
            var needed = Sift();
            if (_forClient is 0)
            {
                MakeRoom(needed);
                var read = connection.Read(_buffer.AsSpan(_end));
                if (read is 0)
                {
                    return 0;
                }

                _end += read;
            }
        }

        return HandOver(buffer);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => connection.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        connection.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Write(ReadOnlySpan<byte> buffer) => connection.Write(buffer);

    public override void Write(byte[] buffer, int offset, int count) => connection.Write(buffer, offset, count);

    public override void Flush() => connection.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => connection.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            connection.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>
    /// Brings the publications that the buffer begins with, and marks what follows them for the client, up to the next publication: the client has what came
    /// before it first.
    /// </summary>
    /// <returns>How many bytes the first frame that is not whole needs at least.</returns>
    private int Sift()
    {
        while (_start + _forClient < _end)
        {
            var rest = _buffer.AsSpan((_start + _forClient).._end);
            if (_isUntapped || !RespFrame.TryMeasure(rest, out var length))
            {
                if (!_isUntapped)
                {
                    listener?.Invoke(rest, isResp: false);
                }

                _isUntapped = true;
                _forClient += rest.Length;
                return 0;
            }

            if (length > rest.Length)
            {
                receiver.Receiving();
                return length;
            }

            if (!RespFrame.TryReadPublication(rest[..length], out var channel, out var payload))
            {
                listener?.Invoke(rest[..length], isResp: true);
                _forClient += length;
            }
            else if (_forClient > 0)
            {
                return 0;
            }
            else
            {
                receiver.Receive(rest[channel], _buffer.AsMemory(_start, length)[payload]);
                _start += length;
            }
        }

        return 0;
    }

    private int HandOver(Span<byte> buffer)
    {
        var count = Math.Min(_forClient, buffer.Length);
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        _forClient -= count;
        return count;
    }

    /// <summary>Moves what is left to the front of a buffer that holds the frame that has begun.</summary>
    private void MakeRoom(int needed)
    {
        var rest = _buffer.AsSpan(_start.._end);
        var room = needed <= UsualRoom ? UsualRoom : needed + Spare;
        var buffer = room == _buffer.Length ? _buffer : new byte[room];
        rest.CopyTo(buffer);
        (_buffer, _start, _end) = (buffer, 0, rest.Length);
    }
}
