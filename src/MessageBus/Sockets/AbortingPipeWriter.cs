using System.IO.Pipelines;

namespace MessageBus.Sockets;

/// <summary>
/// Writes to a stream for Kestrel, which does not expect that this fails: it would only log an error for each flush. A failed write means that the
/// client is gone. So the connection is aborted, which the request is told, and the flush ends as that of a pipe whose reader has left.
/// </summary>
internal sealed class AbortingPipeWriter(PipeWriter inner, Action<Exception> abort) : PipeWriter
{
    private static readonly FlushResult Ended = new(isCanceled: false, isCompleted: true);

    private volatile bool _hasEnded;

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override void Advance(int bytes) => inner.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        try
        {
            inner.Complete(exception);
        }
        catch (Exception e) when (IsOfTransport(e))
        {
            // Completing writes what is left.
            End(e);
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_hasEnded)
        {
            return new(Ended);
        }

        ValueTask<FlushResult> flush;
        try
        {
            flush = inner.FlushAsync(cancellationToken);
        }
        catch (Exception e) when (IsOfTransport(e))
        {
            End(e);
            return new(Ended);
        }

        return flush.IsCompletedSuccessfully ? flush : AwaitAsync(flush);
    }

    private async ValueTask<FlushResult> AwaitAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            return await flush;
        }
        catch (Exception e) when (IsOfTransport(e))
        {
            End(e);
            return Ended;
        }
    }

    private void End(Exception e)
    {
        _hasEnded = true;
        abort(e);
    }

    private static bool IsOfTransport(Exception e) => e is IOException or ObjectDisposedException;
}
