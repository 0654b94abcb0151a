using System.Threading.Channels;
using MessageBus.Delivery;
using MessageBus.Protocol;

namespace MessageBus.Publishing;

/// <summary>A subscription of the app's own code: for its loop a subscriber like any other, that takes every message at once and never waits.</summary>
internal sealed class BusSubscription : IMessageOutput, ISubscriberOwner, IDisposable
{
    /// <summary>Messages that may wait for the reader.</summary>
    public const int MaxWaiting = 1024;

    private readonly Channel<BusMessage> _waiting = Channel.CreateBounded<BusMessage>(MaxWaiting);
    private readonly Subscription _subscription;
    private readonly DeliveryLoop _loop;
    private readonly string _channel;
    private bool _hasDropped;

    /// <param name="group">As <see cref="ChannelDirectory.AcquireAsync"/> gave it for this loop.</param>
    /// <param name="loop">Its loop.</param>
    /// <param name="time">The clock.</param>
    public BusSubscription(SubscriberGroup group, DeliveryLoop loop, TimeProvider time)
    {
        _loop = loop;
        _channel = group.Channel.Name.Value;

        // There is no client that could answer pings.
        var subscriber = new Subscriber(group.Encoding, output: this, owner: this, time.GetTimestamp()) { LastHeard = long.MaxValue };
        _subscription = new Subscription(subscriber, group);
        loop.Attach(subscriber);
        loop.Connected(subscriber, new ServerMessage.Ping());
        loop.Subscribe(_subscription, reply: null);
    }

    Action? IMessageOutput.Writable { get; set; }

    public IAsyncEnumerable<BusMessage> ReadAllAsync(CancellationToken cancellationToken) => _waiting.Reader.ReadAllAsync(cancellationToken);

    OutputState IMessageOutput.Flush(OutboundQueue queue)
    {
        while (!queue.IsEmpty)
        {
            Put(queue.Dequeue());
        }

        return OutputState.Drained;
    }

    void IMessageOutput.Abort() => _waiting.Writer.TryComplete();

    void ISubscriberOwner.Close(CloseReason reason) => _waiting.Writer.TryComplete();

    void ISubscriberOwner.OutputEnded() => _waiting.Writer.TryComplete();

    public void Dispose()
    {
        _loop.Unsubscribe(_subscription, reply: null);
        _loop.Close(_subscription.Subscriber, last: null, discardBacklog: true);
        _loop.Detach(_subscription.Subscriber);
    }

    private void Put(EncodedMessage message)
    {
        // Where a message did not fit, a gap comes before the next one that does.
        if (_hasDropped && _waiting.Writer.TryWrite(new BusMessage(_channel, default, IsGap: true)))
        {
            _hasDropped = false;
        }

        _hasDropped |= !_waiting.Writer.TryWrite(
            message == BusEncoding.Gap ? new BusMessage(_channel, default, IsGap: true) : new BusMessage(_channel, message.Bytes));
    }
}
