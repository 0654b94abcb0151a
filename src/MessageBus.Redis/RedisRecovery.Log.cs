using Microsoft.Extensions.Logging;

namespace MessageBus.Redis;

internal sealed partial class RedisRecovery
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis at {Endpoints} cannot be reached. The gateway serves without it and goes on trying.")]
    private partial void LogAbsent(string endpoints);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis at {Endpoints} is lost. Connections stay open; publishing is unavailable until it is back.")]
    private partial void LogLost(string endpoints);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis at {Endpoints} is up, {Channels} channels subscribed.")]
    private partial void LogUp(string endpoints, int channels);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis at {Endpoints} is connected, but what is published there does not arrive: {Reason}. It is tried again.")]
    private partial void LogNotProven(string endpoints, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Following the links to Redis failed; it is tried again.")]
    private partial void LogFollowingFailed(Exception exception);
}
