using System.Buffers;

namespace MessageBus.Delivery;

/// <summary>
/// The output over the stream of an upgraded request, for any ASP.NET server: one write in flight;
/// what waits meanwhile goes into the next write together.
/// </summary>
internal sealed class StreamOutput(Stream stream, Action abort) : IMessageOutput
{
    // Messages are gathered up to this much into one write. As large as Kestrel's own response buffer: more would only wait there.
    private const int MaxGatheredBytes = 64 * 1024;

    private byte[]? _gathered;
    private Task? _write;

    public Action? Writable { get; set; }

    public OutputState Flush(OutboundQueue queue)
    {
        if (_write is { } underWay)
        {
            if (!underWay.IsCompleted)
            {
                return OutputState.Busy;
            }

            _write = null;
            if (!Finish(new ValueTask(underWay)))
            {
                return OutputState.Failed;
            }
        }

        while (!queue.IsEmpty)
        {
            var write = Write(queue);
            if (!write.IsCompleted)
            {
                _write = write.AsTask();
                _write.GetAwaiter().UnsafeOnCompleted(Writable!);
                return OutputState.Busy;
            }

            if (!Finish(write))
            {
                return OutputState.Failed;
            }
        }

        return OutputState.Drained;
    }

    // A stream over another one, as that of TLS, asks that one too.
    public int WarmUp() => stream.CanWrite ? 1 : 0;

    public void Abort() => abort();

    /// <summary>A stream that is gone may say so by throwing instead of returning a task.</summary>
    private ValueTask Write(OutboundQueue queue)
    {
        try
        {
            return stream.WriteAsync(Gather(queue));
        }
        catch (Exception e)
        {
            return ValueTask.FromException(e);
        }
    }

    /// <summary>One message as it is, several copied together.</summary>
    private ReadOnlyMemory<byte> Gather(OutboundQueue queue)
    {
        var first = queue.Dequeue();
        if (!queue.TryPeek(out var next) || first.Length + next.Length > MaxGatheredBytes)
        {
            return first.Bytes;
        }

        _gathered = ArrayPool<byte>.Shared.Rent((int)Math.Min(MaxGatheredBytes, first.Length + queue.Bytes));
        first.Bytes.CopyTo(_gathered, 0);
        var length = first.Length;
        while (queue.TryPeek(out next) && length + next.Length <= _gathered.Length)
        {
            next.Bytes.CopyTo(_gathered, length);
            length += next.Length;
            queue.Dequeue();
        }

        return _gathered.AsMemory(0, length);
    }

    private bool Finish(ValueTask write)
    {
        if (_gathered is not null)
        {
            ArrayPool<byte>.Shared.Return(_gathered);
            _gathered = null;
        }

        try
        {
            write.GetAwaiter().GetResult();
            return true;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            return false;
        }
    }
}
