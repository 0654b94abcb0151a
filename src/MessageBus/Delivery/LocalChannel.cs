using MessageBus.Brokers;
using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>
/// A channel that connections of this gateway are subscribed to. The counts and the broker's part belong to <see cref="ChannelDirectory"/>
/// and its lock; each set of subscribers belongs to its loop.
/// </summary>
internal sealed class LocalChannel(ChannelName name, int loops)
{
    private readonly int[] _countByLoop = new int[loops];

    public ChannelName Name { get; } = name;

    /// <summary>The beginning of every message of this channel.</summary>
    public byte[] MessageHead { get; } = MessagePush.Head(name);

    /// <summary>By the index of the loop.</summary>
    public PlacedSet<Subscription>[] Subscribers { get; } = [.. Enumerable.Range(0, loops).Select(_ => new PlacedSet<Subscription>())];

    /// <summary>Ends when the broker has acknowledged the subscription, or failed to.</summary>
    public Task<BrokerResult> Subscribed { get; set; } = Task.FromResult(BrokerResult.Unavailable);

    /// <summary>Subscriptions on all loops, counting those that still wait for the broker.</summary>
    public int Count { get; private set; }

    /// <summary>When the last subscription ended (a timestamp of the time provider).</summary>
    public long IdleSince { get; set; }

    /// <summary>Whether the loop has, or is about to have, subscribers. Read without the lock: it is set before the broker is asked.</summary>
    public bool IsWantedBy(int loop) => Volatile.Read(ref _countByLoop[loop]) > 0;

    public void Add(int loop)
    {
        Volatile.Write(ref _countByLoop[loop], _countByLoop[loop] + 1);
        Count++;
    }

    public void Remove(int loop)
    {
        Volatile.Write(ref _countByLoop[loop], _countByLoop[loop] - 1);
        Count--;
    }
}
