using StackExchange.Redis;

namespace MessageBus.Redis;

/// <summary>
/// Asks Redis which of the gateway's channels nobody is subscribed to: <c>PUBSUB NUMSUB channel</c> (https://redis.io/commands/pubsub-numsub).
/// It counts all subscribers, so that one of another gateway hides ours; the canary and the new link after every break are what such a channel relies on.
/// </summary>
internal static class SubscriptionAudit
{
    /// <summary>Questions that are under way at once: a publication waits behind no more.</summary>
    private const int AtOnce = 500;

    public static async Task<IReadOnlyList<RedisSubscription>> FindMissingAsync(
        ISubscriber subscriber, IEnumerable<RedisSubscription> subscriptions, CancellationToken cancellationToken)
    {
        var missing = new List<RedisSubscription>();
        foreach (var some in subscriptions.Chunk(AtOnce))
        {
            var counts = await Task.WhenAll(some.Select(one => CountAsync(subscriber, one.Channel))).WaitAsync(cancellationToken);
            missing.AddRange(some.Where((_, index) => counts[index] is 0));
        }

        return missing;
    }

    /// <summary>Redis counts what is subscribed at the server that is asked, so the one is asked that has the subscription.</summary>
    private static Task<long> CountAsync(ISubscriber subscriber, RedisChannel channel) =>
        subscriber.SubscribedEndpoint(channel) is { } endpoint
            ? subscriber.Multiplexer.GetServer(endpoint).SubscriptionSubscriberCountAsync(channel)
            : Task.FromResult(0L);
}
