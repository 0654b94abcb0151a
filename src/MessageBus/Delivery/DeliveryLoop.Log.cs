using Microsoft.Extensions.Logging;

namespace MessageBus.Delivery;

internal sealed partial class DeliveryLoop
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Delivery loop {Loop} failed to do {Item}; the connection concerned is closed, the loop goes on.")]
    private partial void LogItemFailed(Exception exception, int loop, LoopItemKind item);

    [LoggerMessage(Level = LogLevel.Error, Message = "Delivery loop {Loop} failed to flush a connection; that connection is closed, the loop goes on.")]
    private partial void LogFlushFailed(Exception exception, int loop);

    [LoggerMessage(Level = LogLevel.Error, Message = "Delivery loop {Loop} failed to close a connection; the loop goes on.")]
    private partial void LogCloseFailed(Exception exception, int loop);
}
