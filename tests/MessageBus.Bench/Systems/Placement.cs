namespace MessageBus.Bench.Systems;

/// <summary>Where a system is to listen, and the Redis it is to use. Its certificate counts for TLS systems.</summary>
internal sealed record Placement(int Port, int RedisPort, Certificate Certificate);
