using MessageBus.Protocol;
using StackExchange.Redis;

namespace MessageBus.Redis;

/// <summary>
/// One channel's subscription at Redis, whose publications reach the handler in order and one at a time.
/// The only file that knows which version of the client it is built with.
/// </summary>
internal sealed class RedisSubscription
{
    private readonly ChannelName _name;
    private readonly RedisChannel _channel;
    private readonly Action<ChannelName, byte[]> _handler;
    private volatile bool _isAccepted;
    private volatile bool _isOver;

    public ChannelName Name => _name;

    public RedisChannel Channel => _channel;

    /// <summary>The same channel for another link. From now on this one brings nothing: what it still has would mix with what the other brings.</summary>
    public RedisSubscription Succeed()
    {
        _isOver = true;
        return new RedisSubscription(_channel, _name, _handler) { IsAccepted = true };
    }

    /// <summary>Redis has acknowledged it, or has before the broker is said to be back: it is to be there from then on.</summary>
    public bool IsAccepted
    {
        get => _isAccepted;
        set => _isAccepted = value;
    }

#if REDIS_CLIENT_2
    private ChannelMessageQueue? _queue;

    /// <param name="channel">What is subscribed to at Redis.</param>
    /// <param name="name">The name that the handler is given with it.</param>
    /// <param name="handler">Called with each publication. One for all channels, so that a channel keeps no more than it must.</param>
    public RedisSubscription(RedisChannel channel, ChannelName name, Action<ChannelName, byte[]> handler)
    {
        _name = name;
        _channel = channel;
        _handler = handler;
    }

    // From 2.0 on, plain handlers run at once and in any order; the queue keeps the order.
    public async Task SubscribeAsync(ISubscriber subscriber)
    {
        if (_queue is null)
        {
            _queue = await subscriber.SubscribeAsync(_channel);
            _queue.OnMessage(message => Bring(message.Message));
        }
    }

    // All queues of the channel: also the one of a subscribe that was given up and ends late.
    public Task UnsubscribeAsync(ISubscriber subscriber)
    {
        _queue = null;
        return subscriber.UnsubscribeAsync(_channel);
    }
#else
    private readonly Action<RedisChannel, RedisValue> _onMessage;

    /// <param name="channel">What is subscribed to at Redis.</param>
    /// <param name="name">The name that the handler is given with it.</param>
    /// <param name="handler">Called with each publication. One for all channels, so that a channel keeps no more than it must.</param>
    public RedisSubscription(RedisChannel channel, ChannelName name, Action<ChannelName, byte[]> handler)
    {
        _name = name;
        _channel = channel;
        _handler = handler;
        _onMessage = (_, payload) => Bring(payload);
    }

    // The client keeps the order of callbacks while PreserveAsyncOrder is on, which is its default.
    public Task SubscribeAsync(ISubscriber subscriber) => subscriber.SubscribeAsync(_channel, _onMessage);

    public Task UnsubscribeAsync(ISubscriber subscriber) => subscriber.UnsubscribeAsync(_channel, _onMessage);
#endif

    private void Bring(RedisValue payload)
    {
        if (!_isOver)
        {
            _handler(_name, Bytes(payload));
        }
    }

    /// <summary>The client gives a null value for an empty payload.</summary>
    private static byte[] Bytes(RedisValue payload) => (byte[]?)payload ?? [];
}
