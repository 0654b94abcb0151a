using Microsoft.Extensions.Logging;

namespace MessageBus.EmbeddedRedis.Clients;

internal sealed partial class RespClient
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Redis client {Id} connected, {Addresses}")]
    private partial void LogArrived(long id, string addresses);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Redis client {Id} disconnected")]
    private partial void LogEnded(long id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis client {Id} is closed: it did not read its messages fast enough")]
    private partial void LogTooSlow(long id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis client {Id} is closed: it sent an HTTP request, possibly from a web page")]
    private partial void LogSpeaksHttp(long id);

    [LoggerMessage(Level = LogLevel.Error, Message = "Serving Redis client {Id} failed")]
    private partial void LogFault(Exception fault, long id);
}
