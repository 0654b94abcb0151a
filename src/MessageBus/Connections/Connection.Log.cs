using System.Net;
using MessageBus.Protocol;
using Microsoft.Extensions.Logging;

namespace MessageBus.Connections;

internal sealed partial class Connection
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Connection {Connection} from {Remote} is open.")]
    private partial void LogOpened(string connection, IPEndPoint? remote);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Connection {Connection} is closed: {Reason}.")]
    private partial void LogClosed(string connection, CloseReason reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Connection {Connection} failed and is closed.")]
    private partial void LogFailed(Exception exception, string connection);
}
