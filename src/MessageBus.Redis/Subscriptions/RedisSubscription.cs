using MessageBus.Protocol;
using MessageBus.Redis.Links;
using StackExchange.Redis;

namespace MessageBus.Redis.Subscriptions;

/// <summary>One channel's subscription at Redis. Its publications come through the tap of the link, so that the client has nothing to do with them.</summary>
internal sealed class RedisSubscription(ChannelName name)
{
    private volatile bool _isAccepted;

    public ChannelName Name { get; } = name;

    public RedisChannel Channel => RedisChannel.Literal(Name.Value);

    /// <summary>Redis has acknowledged it, or has before the broker is said to be back: it is to be there from then on.</summary>
    public bool IsAccepted
    {
        get => _isAccepted;
        set => _isAccepted = value;
    }

    public Task SubscribeAsync(ISubscriber subscriber) => subscriber.SubscribeUntakenAsync(Channel);

    public Task UnsubscribeAsync(ISubscriber subscriber) => subscriber.UnsubscribeAsync(Channel);
}
