using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>
/// The delivery side of one connection: its encoding, its queue, its output and its deadlines. Everything here belongs to its loop,
/// except what says otherwise.
/// </summary>
internal sealed class Subscriber(IMessageEncoding encoding, IMessageOutput output, ISubscriberOwner owner, long now) : IIndexed
{
    // Enough for a client that sends many commands at once; a few KB where each of them costs an answer.
    private const int MaxPendingAnswers = 64;

    private long _lastHeard = now;
    private long _expiresAt = long.MaxValue;
    private int _pendingAnswers;

    /// <summary>How it gets its messages. Does not change.</summary>
    public IMessageEncoding Encoding { get; } = encoding;

    public IMessageOutput Output { get; } = output;

    public ISubscriberOwner Owner { get; } = owner;

    public OutboundQueue Queue { get; } = new();

    /// <summary>The timestamp of the client's last sign of life. Any thread.</summary>
    public long LastHeard
    {
        get => Volatile.Read(ref _lastHeard);
        set => Volatile.Write(ref _lastHeard, value);
    }

    /// <summary>The timestamp from which on it gets nothing more, unless it is moved before. Any thread.</summary>
    public long ExpiresAt
    {
        get => Volatile.Read(ref _expiresAt);
        set => Volatile.Write(ref _expiresAt, value);
    }

    /// <summary>The client sends faster than its loop answers: it is not to be read until the loop has caught up. Any thread.</summary>
    public bool IsAhead => Volatile.Read(ref _pendingAnswers) > MaxPendingAnswers;

    /// <summary>An answer to the client was posted to the loop. Any thread.</summary>
    public void AnswerPosted() => Interlocked.Increment(ref _pendingAnswers);

    public void AnswerDone() => Interlocked.Decrement(ref _pendingAnswers);

    public long LastSent { get; set; } = now;

    public long LastPing { get; set; } = now;

    public long AttachedAt { get; } = now;

    /// <summary>Since when the transport has taken nothing of what waits; null when nothing waits.</summary>
    public long? BusySince { get; set; }

    /// <summary>Since when its close frame has been on its way; null while it is open.</summary>
    public long? ClosingSince { get; set; }

    /// <summary>The client has sent <c>connect</c>: from now on it gets pings, status and gaps.</summary>
    public bool IsConnected { get; set; }

    /// <summary>Its output has ended; it takes no more messages.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Its transport was cut.</summary>
    public bool IsAborted { get; set; }

    /// <summary>It is in the loop's list of those to flush at the end of the turn.</summary>
    public bool IsTouched { get; set; }

    /// <summary>How many subscriptions it has in the loop's sets.</summary>
    public int Subscriptions { get; set; }

    /// <summary>The index among the loop's subscribers; -1 while it is not attached.</summary>
    public int Index { get; set; } = -1;
}

/// <summary>One connection's interest in one channel.</summary>
internal sealed class Subscription(Subscriber subscriber, SubscriberGroup group) : IIndexed
{
    public Subscriber Subscriber { get; } = subscriber;

    /// <summary>Of the channel, with the subscriber's encoding.</summary>
    public SubscriberGroup Group { get; } = group;

    /// <summary>The index among the group's subscriptions on the loop; -1 while it is not among them. Owned by the loop.</summary>
    public int Index { get; set; } = -1;
}

/// <summary>The connection that a subscriber belongs to, as its loop sees it. Called on the loop's thread: must not block.</summary>
internal interface ISubscriberOwner
{
    /// <summary>The loop wants the connection closed: too slow, no heartbeat, no connect, or a fault.</summary>
    void Close(CloseReason reason);

    /// <summary>The last message is on the wire, or the transport is gone: nothing more will be written.</summary>
    void OutputEnded();
}
