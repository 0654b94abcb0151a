using MessageBus.Connections;
using MessageBus.Delivery;
using MessageBus.Protocol;

namespace MessageBus.WebSockets;

/// <summary>
/// What the framework's WebSocket reads from and writes to. Reads go to the transport. Writes, which are the control frames that the WebSocket
/// makes by itself, go through the connection's loop, so that they and the frames of the loop share one writer and never mix.
/// The WebSocket disposes it as soon as it has written its close frame, which the loop may not have sent yet: so the transport is not disposed with it.
/// </summary>
/// <param name="transport">The connection.</param>
/// <param name="readAhead">What was read of it already: it is read first.</param>
internal sealed class WriteThroughStream(Stream transport, ReadOnlyMemory<byte> readAhead = default) : Stream
{
    // Some hundred microseconds of a flood: short beside the time that others may have to wait for, long beside what giving way costs.
    private const uint ReadsInARow = 64;

    // RFC 6455 section 5.5.1, as a client sends it: no code, masked with zeros.
    private static readonly byte[] CloseFrame = [0x88, 0x80, 0, 0, 0, 0];

    private ReadOnlyMemory<byte> _readAhead = readAhead;
    private uint _reads;
    private bool _isBetweenFrames;
    private Connection? _connection;

    public Stream Transport { get; } = transport;

    /// <summary>The client has ended its side of the transport between two frames, without a close frame. The WebSocket was given one in its place.</summary>
    public bool HasEnded { get; private set; }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>The WebSocket writes nothing before it is first read from, which the connection does.</summary>
    public void WriteTo(Connection connection) => _connection = connection;

    /// <summary>Reads and forgets until the client has ended its side, or the time is over.</summary>
    public async Task ReadToEndAsync(TimeSpan limit, TimeProvider time)
    {
        using var deadline = new CancellationTokenSource(limit, time);
        try
        {
            await Transport.CopyToAsync(Null, deadline.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The transport is gone, or the client goes on for too long.
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ++_reads % ReadsInARow is 0 || _connection is { IsAhead: true } ? ReadLaterAsync(buffer, cancellationToken) : ReadNowAsync(buffer, cancellationToken);

    /// <summary>
    /// A client that sends without a pause is read without a pause: it gives way to the others now and then, and its answers (the WebSocket's pongs among
    /// them) do not pile up before the loop that sends them.
    /// </summary>
    private async ValueTask<int> ReadLaterAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_connection is { IsAhead: true })
        {
            await _connection.CatchUpAsync();
        }
        else
        {
            await Task.Yield();
        }

        return await ReadNowAsync(buffer, cancellationToken);
    }

    private ValueTask<int> ReadNowAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_readAhead.IsEmpty)
        {
            var read = Transport.ReadAsync(buffer, cancellationToken);
            if (!BeginsFrame(buffer) || !read.IsCompletedSuccessfully)
            {
                return read;
            }

            var count = read.Result;
            if (count > 0)
            {
                return new ValueTask<int>(count);
            }

            HasEnded = true;
            _readAhead = CloseFrame;
        }

        var length = Math.Min(buffer.Length, _readAhead.Length);
        _readAhead[..length].CopyTo(buffer);
        _readAhead = _readAhead[length..];
        return new ValueTask<int>(length);
    }

    /// <summary>
    /// Whether the WebSocket is about to read the beginning of a frame: it waits with an empty buffer only there. An end of the transport at this place is
    /// told as a close frame, because the WebSocket's exception takes longer than all else about the end of a connection, of which a proxy that restarts
    /// brings ten thousand at once. An end within a frame, and a reset, are its exception as ever.
    /// </summary>
    private bool BeginsFrame(Memory<byte> buffer)
    {
        var begins = _isBetweenFrames && !buffer.IsEmpty;
        _isBetweenFrames = buffer.IsEmpty;
        return begins;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // One write of the WebSocket is one whole frame.
        var frame = new EncodedMessage(buffer.ToArray());
        var opcode = buffer.Span[0] & 0xF;
        if (opcode is WebSocketFrame.Close)
        {
            _connection!.Close(ReasonIn(buffer.Span), frame);
        }
        else
        {
            _connection!.Send(frame);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>RFC 6455 section 5.5.1: behind the two bytes of the header stand the two of the code.</summary>
    private static CloseReason ReasonIn(ReadOnlySpan<byte> closeFrame) =>
        closeFrame.Length >= 4 ? (CloseReason)((closeFrame[2] << 8) | closeFrame[3]) : CloseReason.Normal;

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous reads.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous writes.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
