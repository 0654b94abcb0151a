using Microsoft.Extensions.Logging;

namespace MessageBus.EmbeddedRedis;

public sealed partial class EmbeddedRedisServer
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Embedded Redis listens on 127.0.0.1:{Port}")]
    private partial void LogListening(int port);

    [LoggerMessage(Level = LogLevel.Information, Message = "Port {Port} cannot be had, the embedded Redis tries the next one")]
    private partial void LogPortTaken(int port);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The embedded Redis cannot accept clients at the moment and keeps trying")]
    private partial void LogAcceptFailed(Exception failure);
}
