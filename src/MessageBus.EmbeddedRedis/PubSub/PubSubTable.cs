using MessageBus.EmbeddedRedis.Resp;

namespace MessageBus.EmbeddedRedis.PubSub;

/// <summary>
/// The subscriptions of the RESP clients. Acknowledgements and messages enter the subscribers' outputs under one lock: all subscribers
/// see one order, and messages of a channel arrive only between its <c>subscribe</c> and its <c>unsubscribe</c>.
/// </summary>
internal sealed class PubSubTable
{
    // Guards both tables and the names in every Subscriber. Taken inside the broker's lock when a publication comes from there,
    // so nothing may call the broker while holding it. Outputs are appended to without waiting.
    private readonly Lock _gate = new();
    private readonly Dictionary<byte[], HashSet<Subscriber>> _channels = new(ByteStringComparer.Instance);
    private readonly Dictionary<byte[], HashSet<Subscriber>> _patterns = new(ByteStringComparer.Instance);

    public int PatternCount
    {
        get
        {
            lock (_gate)
            {
                return _patterns.Count;
            }
        }
    }

    public void Subscribe(Subscriber subscriber, SubscriptionKind kind, byte[] name)
    {
        lock (_gate)
        {
            if (subscriber.Names(kind).Add(name))
            {
                var table = Table(kind);
                if (!table.TryGetValue(name, out var subscribers))
                {
                    table.Add(name, subscribers = []);
                }

                subscribers.Add(subscriber);
            }

            subscriber.Output.Append(PubSubFrames.Subscribed(subscriber.Version, kind, name, subscriber.Count));
        }
    }

    public void Unsubscribe(Subscriber subscriber, SubscriptionKind kind, byte[] name)
    {
        lock (_gate)
        {
            UnsubscribeUnderLock(subscriber, kind, name);
        }
    }

    /// <summary>Ends all subscriptions of the kind, each with its acknowledgement; one with a null name when there are none.</summary>
    public void UnsubscribeAll(Subscriber subscriber, SubscriptionKind kind)
    {
        lock (_gate)
        {
            if (subscriber.Names(kind).Count == 0)
            {
                subscriber.Output.Append(PubSubFrames.Unsubscribed(subscriber.Version, kind, name: null, subscriber.Count));
            }

            foreach (var name in subscriber.Names(kind).ToArray())
            {
                UnsubscribeUnderLock(subscriber, kind, name);
            }
        }
    }

    /// <summary>Ends all subscriptions without acknowledgements: the client has disconnected, or resets.</summary>
    public void Forget(Subscriber subscriber)
    {
        lock (_gate)
        {
            foreach (var kind in (ReadOnlySpan<SubscriptionKind>)[SubscriptionKind.Channel, SubscriptionKind.Pattern])
            {
                foreach (var name in subscriber.Names(kind).ToArray())
                {
                    RemoveUnderLock(subscriber, kind, name);
                }
            }
        }
    }

    /// <summary>Appends a publication to the outputs of its subscribers. Returns how often: one client may have subscribed by name and by pattern.</summary>
    public int Deliver(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            var receivers = 0;
            if (_channels.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(channel, out var subscribers))
            {
                receivers += Deliver(subscribers, pattern: null, channel, payload);
            }

            foreach (var (pattern, matching) in _patterns)
            {
                if (GlobPattern.Matches(pattern, channel))
                {
                    receivers += Deliver(matching, pattern, channel, payload);
                }
            }

            return receivers;
        }
    }

    /// <summary>The channels with subscribers, without those that only a pattern matches.</summary>
    public IReadOnlyList<byte[]> Channels()
    {
        lock (_gate)
        {
            return [.. _channels.Keys];
        }
    }

    public int SubscriberCount(byte[] channel)
    {
        lock (_gate)
        {
            return _channels.TryGetValue(channel, out var subscribers) ? subscribers.Count : 0;
        }
    }

    // Encoded once per protocol version and shared.
    private static int Deliver(HashSet<Subscriber> subscribers, byte[]? pattern, ReadOnlySpan<byte> channel, ReadOnlySpan<byte> payload)
    {
        ReadOnlyMemory<byte> resp2 = default, resp3 = default;
        foreach (var subscriber in subscribers)
        {
            var version = subscriber.Version;
            ref var frame = ref (version == RespVersion.Resp3 ? ref resp3 : ref resp2);
            if (frame.IsEmpty)
            {
                frame = PubSubFrames.Message(version, pattern, channel, payload);
            }

            subscriber.Output.Push(frame);
        }

        return subscribers.Count;
    }

    private void UnsubscribeUnderLock(Subscriber subscriber, SubscriptionKind kind, byte[] name)
    {
        RemoveUnderLock(subscriber, kind, name);
        subscriber.Output.Append(PubSubFrames.Unsubscribed(subscriber.Version, kind, name, subscriber.Count));
    }

    private void RemoveUnderLock(Subscriber subscriber, SubscriptionKind kind, byte[] name)
    {
        if (!subscriber.Names(kind).Remove(name))
        {
            return;
        }

        var table = Table(kind);
        table[name].Remove(subscriber);
        if (table[name].Count == 0)
        {
            table.Remove(name);
        }
    }

    private Dictionary<byte[], HashSet<Subscriber>> Table(SubscriptionKind kind) => kind == SubscriptionKind.Channel ? _channels : _patterns;
}
