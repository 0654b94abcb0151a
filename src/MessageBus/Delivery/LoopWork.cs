using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>
/// Does what was posted to a loop, one item after the other. Owns the loop's subscribers, and what they are to be told of the broker.
/// Only for the thread that does the turn.
/// </summary>
internal sealed class LoopWork(int loop, FlushList flushes, Deadlines deadlines, LoopMeter meter, LoopFaults faults)
{
    private IndexedSet<Subscriber> _subscribers;
    private bool _brokerUp;

    public void DoAll(List<LoopItem> items)
    {
        foreach (var item in items)
        {
            Do(item);
        }
    }

    /// <summary>A fault ends here.</summary>
    public void Do(in LoopItem item)
    {
        try
        {
            CarryOut(item);
        }
        catch (Exception e)
        {
            faults.ItemFailed(e, item.Kind, (item.Target as Subscriber) ?? (item.Target as Subscription)?.Subscriber);
            if (item is { Kind: LoopItemKind.Publication, Target: SubscriberGroup group })
            {
                TellUndeliverable(group);
            }
        }
    }

    private void CarryOut(in LoopItem item)
    {
        switch (item.Kind)
        {
            case LoopItemKind.Publication:
                Deliver((SubscriberGroup)item.Target!, item.Message!, item.ReceivedAt);
                break;

            case LoopItemKind.Send:
                var answered = (Subscriber)item.Target!;
                answered.AnswerDone();
                flushes.Append(answered, item.Message);
                break;

            case LoopItemKind.CatchUp:
                ((TaskCompletionSource)item.Target!).SetResult();
                break;

            case LoopItemKind.Writable:
                flushes.Touch((Subscriber)item.Target!);
                break;

            case LoopItemKind.Subscribe:
                Add((Subscription)item.Target!, item.Message);
                break;

            case LoopItemKind.Unsubscribe:
                Remove((Subscription)item.Target!, item.Message);
                break;

            case LoopItemKind.Attach:
                _subscribers.Add((Subscriber)item.Target!);
                break;

            case LoopItemKind.Connected:
                Connect((Subscriber)item.Target!, item.Message);
                break;

            case LoopItemKind.Close:
            case LoopItemKind.CloseDiscardingBacklog:
                flushes.BeginClose((Subscriber)item.Target!, item.Message, item.Kind is LoopItemKind.CloseDiscardingBacklog);
                break;

            case LoopItemKind.Detach:
                _subscribers.Remove((Subscriber)item.Target!);
                break;

            case LoopItemKind.TellAll:
                AppendToConnected((SharedMessage)item.Target!);
                break;

            case LoopItemKind.BrokerLost:
                _brokerUp = false;
                AppendToConnected(SharedMessage.BrokerDown);
                break;

            case LoopItemKind.BrokerRestored:
                _brokerUp = true;
                AppendToConnected(SharedMessage.BrokerUp);
                TellGap();
                break;

            case LoopItemKind.Tick:
                deadlines.Check(_subscribers.Items);
                break;
        }
    }

    private void Deliver(SubscriberGroup group, EncodedMessage message, long receivedAt)
    {
        var subscriptions = group.Subscriptions[loop].Items;
        foreach (var subscription in subscriptions)
        {
            flushes.Append(subscription.Subscriber, message);
        }

        meter.Given(receivedAt, subscriptions.Length);
    }

    /// <summary>Some have the publication, some have not, and nobody knows who: each is told, or closed where even that fails.</summary>
    private void TellUndeliverable(SubscriberGroup group)
    {
        var gap = group.EncodeGap(GapReason.Undeliverable);
        foreach (var subscription in group.Subscriptions[loop].Items)
        {
            try
            {
                flushes.Append(subscription.Subscriber, gap);
            }
            catch (Exception e)
            {
                faults.FlushFailed(e, subscription.Subscriber);
            }
        }
    }

    /// <summary>The reply comes before the channel's first message.</summary>
    private void Add(Subscription subscription, EncodedMessage? reply)
    {
        subscription.Subscriber.AnswerDone();
        flushes.Append(subscription.Subscriber, reply);
        subscription.Group.Subscriptions[loop].Add(subscription);
        subscription.Subscriber.Subscriptions++;
        meter.Subscriptions++;
    }

    /// <summary>Nothing of the channel comes after the reply.</summary>
    private void Remove(Subscription subscription, EncodedMessage? reply)
    {
        subscription.Subscriber.AnswerDone();
        subscription.Group.Subscriptions[loop].Remove(subscription);
        subscription.Subscriber.Subscriptions--;
        meter.Subscriptions--;
        flushes.Append(subscription.Subscriber, reply);
    }

    private void Connect(Subscriber subscriber, EncodedMessage? reply)
    {
        subscriber.IsConnected = true;
        flushes.Append(subscriber, reply);
        if (!_brokerUp)
        {
            flushes.Append(subscriber, SharedMessage.BrokerDown.In(subscriber.Encoding));
        }
    }

    private void AppendToConnected(SharedMessage message)
    {
        foreach (var subscriber in _subscribers.Items)
        {
            if (subscriber.IsConnected)
            {
                flushes.Append(subscriber, message.In(subscriber.Encoding));
            }
        }
    }

    /// <summary>Those without a subscription have missed nothing.</summary>
    private void TellGap()
    {
        foreach (var subscriber in _subscribers.Items)
        {
            if (subscriber.Subscriptions > 0)
            {
                flushes.Append(subscriber, SharedMessage.BrokerGap.In(subscriber.Encoding));
                meter.Gaps++;
            }
        }
    }
}

/// <summary>
/// One thing that a loop is asked to do. <paramref name="Target"/> is a subscriber, a subscription, a group of subscribers, a message to all or what waits, by kind.
/// </summary>
internal readonly record struct LoopItem(LoopItemKind Kind, object? Target = null, EncodedMessage? Message = null, long ReceivedAt = 0);

internal enum LoopItemKind
{
    Attach,
    Connected,
    Subscribe,
    Unsubscribe,
    Send,
    CatchUp,
    Publication,
    Writable,
    Close,
    CloseDiscardingBacklog,
    Detach,
    TellAll,
    BrokerLost,
    BrokerRestored,
    Tick,
}
