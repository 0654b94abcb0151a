using StackExchange.Redis;

namespace MessageBus.Redis.Links;

/// <summary>Subscribes where the publications come through the tap of the link.</summary>
internal static class Subscribing
{
    /// <summary>What the client must be given to subscribe: one for all channels.</summary>
    private static readonly Action<RedisChannel, RedisValue> Untaken = (_, _) => { };

    /// <summary>Ends when Redis has acknowledged it.</summary>
    public static Task SubscribeUntakenAsync(this ISubscriber subscriber, RedisChannel channel) => subscriber.SubscribeAsync(channel, Untaken);
}
