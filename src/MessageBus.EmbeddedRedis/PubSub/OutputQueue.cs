using System.Buffers;
using System.Threading.Channels;

namespace MessageBus.EmbeddedRedis.PubSub;

/// <summary>
/// What waits to be sent to one client. Appending never waits, from whichever thread; <see cref="RunAsync"/> sends, and gathers what has
/// come meanwhile into one write. A subscriber that does not take its messages overflows and is closed; replies are never dropped:
/// a client that does not take those is not read from (<see cref="RoomAsync"/>).
/// </summary>
/// <param name="stream">Where the bytes go.</param>
/// <param name="maxBytes">Bytes that may wait.</param>
internal sealed class OutputQueue(Stream stream, int maxBytes)
{
    private const int WriteBytes = 64 * 1024;

    private readonly Channel<ReadOnlyMemory<byte>> _chunks =
        Channel.CreateUnbounded<ReadOnlyMemory<byte>>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource _overflow = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _roomAwaited;
    private long _waitingBytes;

    /// <summary>Ends when messages have overflowed the queue. From then on it takes none.</summary>
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

    /// <summary>Ends once less waits than may wait.</summary>
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

    /// <summary>Nothing more will be appended; <see cref="RunAsync"/> ends once all is sent.</summary>
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
