using MessageBus.Access;
using MessageBus.Delivery;
using MessageBus.Protocol;

namespace MessageBus.Connections;

/// <summary>
/// What one connection is subscribed to. Any thread: the subscriptions of one connect complete on several, a review of rights ends some on another,
/// and the API reads.
/// </summary>
internal sealed class ConnectionSubscriptions(Connection connection, ChannelAccess access, ChannelDirectory directory)
{
    // Guarded by itself. What is posted to the loop about a subscription is posted under the same lock, so that its beginning and its end come in order.
    private readonly Dictionary<ChannelName, Subscription> _held = [];

    public IReadOnlyList<string> Channels
    {
        get
        {
            lock (_held)
            {
                return [.. _held.Keys.Select(channel => channel.Value)];
            }
        }
    }

    public int Count
    {
        get
        {
            lock (_held)
            {
                return _held.Count;
            }
        }
    }

    public bool Holds(ChannelName channel)
    {
        lock (_held)
        {
            return _held.ContainsKey(channel);
        }
    }

    private DeliveryLoop Loop => connection.Loop;

    /// <summary>Answers to a channel that is subscribed already that it is.</summary>
    public bool TryConfirm(int? id, ChannelName channel)
    {
        lock (_held)
        {
            if (!_held.ContainsKey(channel))
            {
                return false;
            }

            connection.Send(new SubscribeCommand.Reply(id, channel));
            return true;
        }
    }

    /// <summary>Subscribes and answers, if the connection's rights and the broker let it; otherwise says why not.</summary>
    public async ValueTask<CommandError?> AddAsync(int? id, ChannelName channel)
    {
        var policy = access.Policy;
        if (await DecideAsync(channel) is not AccessDecision.Allowed and var decision)
        {
            return CommandErrors.Of(decision, channel);
        }

        if (await directory.AcquireAsync(channel, connection.Subscriber.Encoding, Loop.Index) is not { } group)
        {
            return CommandErrors.Unavailable(channel);
        }

        var subscription = new Subscription(connection.Subscriber, group);
        lock (_held)
        {
            _held[channel] = subscription;
            Loop.Subscribe(subscription, new SubscribeCommand.Reply(id, channel));
        }

        // A review that began before this stood among the subscriptions has not seen it.
        if (access.Policy != policy)
        {
            await ReviewAsync(subscription);
        }

        return null;
    }

    /// <summary>Unsubscribes and answers. False where the channel is not subscribed.</summary>
    public bool TryRemove(int? id, ChannelName channel)
    {
        Subscription? subscription;
        lock (_held)
        {
            _held.TryGetValue(channel, out subscription);
        }

        return subscription is not null && TryRemove(subscription, new UnsubscribeCommand.Reply(id, channel));
    }

    /// <summary>Looks at the rights again, and ends what is no longer allowed.</summary>
    public async Task ReviewAsync()
    {
        foreach (var subscription in Snapshot())
        {
            await ReviewAsync(subscription);
        }
    }

    /// <summary>Gives everything back.</summary>
    public void RemoveAll() => Snapshot().ForEach(subscription => TryRemove(subscription, reply: null));

    private List<Subscription> Snapshot()
    {
        lock (_held)
        {
            return [.. _held.Values];
        }
    }

    private ValueTask<AccessDecision> DecideAsync(ChannelName channel) =>
        access.DecideAsync(ChannelOperation.Subscribe, channel, connection.Identity.Caller);

    private async Task ReviewAsync(Subscription subscription)
    {
        var channel = subscription.Group.Channel.Name;
        if (await DecideAsync(channel) is not AccessDecision.Allowed)
        {
            TryRemove(subscription, new ServerMessage.Unsubscribed(channel, ErrorCode.Forbidden));
        }
    }

    /// <summary>Ends the subscription, unless another has ended it already.</summary>
    private bool TryRemove(Subscription subscription, ServerMessage? reply)
    {
        lock (_held)
        {
            if (!((ICollection<KeyValuePair<ChannelName, Subscription>>)_held).Remove(KeyValuePair.Create(subscription.Group.Channel.Name, subscription)))
            {
                return false;
            }

            Loop.Unsubscribe(subscription, reply);
        }

        directory.Release(subscription.Group, Loop.Index);
        return true;
    }
}
