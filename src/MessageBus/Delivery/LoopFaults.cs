using MessageBus.Protocol;
using Microsoft.Extensions.Logging;

namespace MessageBus.Delivery;

/// <summary>Where faults within a turn of a loop end: logged, and the connection concerned closed. The loop goes on.</summary>
internal sealed partial class LoopFaults(int loop, ILogger logger)
{
    private readonly ILogger _logger = logger;

    public void ItemFailed(Exception fault, LoopItemKind kind, Subscriber? concerned)
    {
        LogItemFailed(fault, loop, kind);
        Close(concerned);
    }

    public void FlushFailed(Exception fault, Subscriber concerned)
    {
        LogFlushFailed(fault, loop);
        Close(concerned);
    }

    /// <summary>An owner that fails at this too must not end the loop.</summary>
    private void Close(Subscriber? subscriber)
    {
        try
        {
            subscriber?.Owner.Close(CloseReason.Internal);
        }
        catch (Exception e)
        {
            LogCloseFailed(e, loop);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Delivery loop {Loop} failed to do {Item}; the connection concerned is closed, the loop goes on.")]
    private partial void LogItemFailed(Exception exception, int loop, LoopItemKind item);

    [LoggerMessage(Level = LogLevel.Error, Message = "Delivery loop {Loop} failed to flush a connection; that connection is closed, the loop goes on.")]
    private partial void LogFlushFailed(Exception exception, int loop);

    [LoggerMessage(Level = LogLevel.Error, Message = "Delivery loop {Loop} failed to close a connection; the loop goes on.")]
    private partial void LogCloseFailed(Exception exception, int loop);
}
