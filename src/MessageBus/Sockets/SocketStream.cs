using System.Net.Sockets;

namespace MessageBus.Sockets;

/// <summary>
/// The stream of a socket, whose writes do not wait where the kernel takes the bytes at once: then a write is one <c>send</c> on the caller's thread,
/// without a task, a callback or a copy. What the kernel does not take is sent when the socket is writable again; until then the write is under way.
/// One read and one write at a time.
/// </summary>
internal sealed class SocketStream : NetworkStream
{
    public SocketStream(Socket socket)
        : base(socket, ownsSocket: true)
    {
        // A send that would wait must say so instead.
        socket.Blocking = false;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // A partial send is a success with a smaller count.
        var sent = Socket.Send(buffer.Span, SocketFlags.None, out var error);
        if (error is SocketError.Success && sent == buffer.Length)
        {
            return ValueTask.CompletedTask;
        }

        return error is SocketError.Success or SocketError.WouldBlock
            ? base.WriteAsync(buffer[Math.Max(sent, 0)..], cancellationToken)
            : ValueTask.FromException(new IOException($"The connection failed: {error}.", new SocketException((int)error)));
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Cuts the connection: what was not sent is lost, the other end sees a reset.</summary>
    public void Abort() => Socket.Close(timeout: 0);
}
