using System.Net.Sockets;

namespace MessageBus.Sockets;

/// <summary>
/// A stream over a socket whose writes do not wait where the kernel takes the bytes at once: then a write is one <c>send</c> on the caller's thread,
/// without a task, a callback or a copy. What the kernel does not take is sent when the socket is writable again; until then the write is under way.
/// One read and one write at a time. Failures of the socket are <see cref="IOException"/>s, as for any stream of a connection.
/// </summary>
internal sealed class SocketStream : Stream
{
    private readonly Socket _socket;

    public SocketStream(Socket socket)
    {
        // A send that would wait must say so instead.
        socket.Blocking = false;
        _socket = socket;
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
        }
        catch (SocketException e)
        {
            throw Failure(e.SocketErrorCode);
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // A partial send is a success with a smaller count.
        var sent = _socket.Send(buffer.Span, SocketFlags.None, out var error);
        if (error is SocketError.Success && sent == buffer.Length)
        {
            return ValueTask.CompletedTask;
        }

        return error is SocketError.Success or SocketError.WouldBlock
            ? SendRestAsync(buffer[Math.Max(sent, 0)..], cancellationToken)
            : ValueTask.FromException(Failure(error));
    }

    /// <summary>Cuts the connection: what was not sent is lost, the other end sees a reset.</summary>
    public void Abort() => _socket.Close(timeout: 0);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

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

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _socket.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask SendRestAsync(ReadOnlyMemory<byte> rest, CancellationToken cancellationToken)
    {
        try
        {
            while (!rest.IsEmpty)
            {
                rest = rest[await _socket.SendAsync(rest, SocketFlags.None, cancellationToken)..];
            }
        }
        catch (SocketException e)
        {
            throw Failure(e.SocketErrorCode);
        }
    }

    private static IOException Failure(SocketError error) => new($"The connection failed: {error}.", new SocketException((int)error));
}
