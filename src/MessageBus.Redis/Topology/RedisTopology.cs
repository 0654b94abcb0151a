using MessageBus.Redis.Settings;
using Microsoft.Extensions.Logging;

namespace MessageBus.Redis.Topology;

/// <summary>Finds out what kind of Redis the settings mean.</summary>
internal static class RedisTopology
{
    public static IRedisTopology Of(RedisSettings settings, TimeProvider time, ILogger logger) =>
        settings.ServiceName is null ? new NamedServers(settings, time, logger) : new SentinelTopology(settings, time, logger);
}
