using System.Buffers;
using System.Threading.Channels;

namespace MessageBus.EmbeddedRedis.PubSub;

/// <summary>
/// The bytes to be sent to one client. Appending never waits, on any thread; <see cref="RunAsync"/> sends, and combines what has
/// arrived in the meantime into one write. A subscriber that does not read its messages overflows and is closed; replies are never
/// dropped: the server stops reading from a client that does not read them (<see cref="RoomAsync"/>).
/// </summary>
/// <param name="stream">Where the bytes go.</param>
/// <param name="maxBytes">The limit of the queue.</param>
internal sealed class OutputQueue(Stream stream, int maxBytes)
{
    private const int WriteBytes = 64 * 1024;

    private readonly Channel<ReadOnlyMemory<byte>> _chunks =
        Channel.CreateUnbounded<ReadOnlyMemory<byte>>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource _overflow = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _roomAwaited;
    private long _waitingBytes;

    /// <summary>Completes when messages have overflowed the queue. The queue then accepts no more messages.</summary>
    public Task Overflow => _overflow.Task;

    /// <summary>Appends a reply or an acknowledgement. The memory must not change afterwards.</summary>
    public void Append(ReadOnlyMemory<byte> chunk)
    {
        if (!chunk.IsEmpty)
        {
            Interlocked.Add(ref _waitingBytes, chunk.Length);
            _chunks.Writer.TryWrite(chunk);
        }
    }

    /// <summary>Appends a message, which other queues may share.</summary>
    public void Push(ReadOnlyMemory<byte> frame)
    {
        if (Overflow.IsCompleted)
        {
            return;
        }

        if (Interlocked.Read(ref _waitingBytes) + frame.Length > maxBytes)
        {
            _overflow.TrySetResult();
            return;
        }

        Append(frame);
    }

    /// <summary>Completes when the queue is below its limit.</summary>
    public async Task RoomAsync(CancellationToken cancellationToken)
    {
        while (Interlocked.Read(ref _waitingBytes) > maxBytes)
        {
            var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Interlocked.Exchange(ref _roomAwaited, room);
            if (Interlocked.Read(ref _waitingBytes) > maxBytes)
            {
                await room.Task.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>Completes the queue; <see cref="RunAsync"/> ends when everything is sent.</summary>
    public void Complete() => _chunks.Writer.TryComplete();

    /// <summary>Sends until the queue is complete. Holds a buffer only while there is something to send.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await _chunks.Reader.WaitToReadAsync(cancellationToken))
        {
            var buffer = ArrayPool<byte>.Shared.Rent(WriteBytes);
            try
            {
                await SendWaitingAsync(buffer, cancellationToken);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private async Task SendWaitingAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        var filled = 0;
        while (_chunks.Reader.TryRead(out var chunk))
        {
            if (chunk.Length > buffer.Length - filled)
            {
                await SendAsync(buffer.AsMemory(0, filled), cancellationToken);
                filled = 0;
            }

            if (chunk.Length > buffer.Length)
            {
                await SendAsync(chunk, cancellationToken);
            }
            else
            {
                chunk.CopyTo(buffer.AsMemory(filled));
                filled += chunk.Length;
            }
        }

        await SendAsync(buffer.AsMemory(0, filled), cancellationToken);
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        await stream.WriteAsync(bytes, cancellationToken);
        if (Interlocked.Add(ref _waitingBytes, -bytes.Length) <= maxBytes)
        {
            Interlocked.Exchange(ref _roomAwaited, null)?.TrySetResult();
        }
    }
}
