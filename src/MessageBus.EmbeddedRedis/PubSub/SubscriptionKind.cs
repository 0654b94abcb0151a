namespace MessageBus.EmbeddedRedis.PubSub;

/// <summary>What a RESP client subscribes to: a channel by its name, or every channel that matches a pattern.</summary>
internal enum SubscriptionKind
{
    Channel,
    Pattern,
}
