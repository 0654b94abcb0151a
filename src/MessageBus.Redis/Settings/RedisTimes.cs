namespace MessageBus.Redis.Settings;

/// <summary>How long the broker waits, and how often it looks.</summary>
/// <param name="Command">How long a command may wait for Redis' answer.</param>
/// <param name="Search">How soon an address that failed is tried again.</param>
/// <param name="Verify">How often Redis is asked for its subscriptions.</param>
internal sealed record RedisTimes(TimeSpan Command, TimeSpan Search, TimeSpan Verify);
