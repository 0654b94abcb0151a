using MessageBus.Redis.Settings;
using Microsoft.Extensions.Logging;

namespace MessageBus.Redis.Supervision;

internal sealed partial class RedisSupervisor
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis cannot be reached: {Reasons}. The gateway serves without it and goes on trying.")]
    private partial void LogAbsent(string reasons);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis at {Address} is lost: {Reason}. Connections stay open; publishing is unavailable until it is back.")]
    private partial void LogLost(RedisAddress address, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis at {Address} is up, {Channels} channels subscribed.")]
    private partial void LogUp(RedisAddress address, int channels);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis at {Address} is connected, but what is published there does not arrive: {Reason}. It is tried again.")]
    private partial void LogNotProven(RedisAddress address, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis at {Address} does not let the gateway use channels that begin with mb:. Lost publications are not noticed; allow it &mb:*.")]
    private partial void LogMayNotProbe(RedisAddress address);

    [LoggerMessage(Level = LogLevel.Error, Message = "Following the links to Redis failed; it is tried again.")]
    private partial void LogFailed(Exception exception);
}
