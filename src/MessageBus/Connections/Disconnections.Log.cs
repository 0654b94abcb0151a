using Microsoft.Extensions.Logging;

namespace MessageBus.Connections;

internal sealed partial class Disconnections
{
    [LoggerMessage(Level = LogLevel.Information, Message = "An operator has disconnected {Count} connections of this gateway.")]
    private partial void LogClosed(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What came on the gateways' channel for disconnecting is no such message: {Bytes} bytes.")]
    private partial void LogNotUnderstood(int bytes);
}
