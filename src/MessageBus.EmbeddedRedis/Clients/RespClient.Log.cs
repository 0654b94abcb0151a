using Microsoft.Extensions.Logging;

namespace MessageBus.EmbeddedRedis.Clients;

internal sealed partial class RespClient
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Redis client {Id} has connected, {Addresses}")]
    private partial void LogArrived(long id, string addresses);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Redis client {Id} has gone")]
    private partial void LogEnded(long id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis client {Id} did not take its messages fast enough and is closed")]
    private partial void LogTooSlow(long id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis client {Id} sent an HTTP request, which may be a web page reaching for the port; it is closed")]
    private partial void LogSpeaksHttp(long id);

    [LoggerMessage(Level = LogLevel.Error, Message = "Serving Redis client {Id} failed")]
    private partial void LogFault(Exception fault, long id);
}
