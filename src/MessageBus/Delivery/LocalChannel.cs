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
    private long _publications;
    private long _publicationsAtLook;
    private double _rate = double.NaN;

    public ChannelName Name { get; } = name;

    /// <summary>The beginning of every message of this channel.</summary>
    public byte[] MessageHead { get; } = MessagePush.Head(name);

    /// <summary>By the index of the loop.</summary>
    public PlacedSet<Subscription>[] Subscribers { get; } = new PlacedSet<Subscription>[loops];

    /// <summary>Ends when the broker has acknowledged the subscription, or failed to.</summary>
    public Task<BrokerResult> Subscribed { get; set; } = Task.FromResult(BrokerResult.Unavailable);

    /// <summary>Subscriptions on all loops, counting those that still wait for the broker.</summary>
    public int Count { get; private set; }

    /// <summary>When the last subscription ended (a timestamp of the time provider).</summary>
    public long IdleSince { get; set; }

    /// <summary>Publications that the broker has brought while there were subscriptions. Any thread may read it.</summary>
    public long Publications => Volatile.Read(ref _publications);

    /// <summary>Publications a second between the last two looks of <see cref="ChannelRates"/>; null where there were not two. Any thread.</summary>
    public double? Rate => Volatile.Read(ref _rate) is var rate && double.IsNaN(rate) ? null : rate;

    /// <summary>Whether the loop has, or is about to have, subscribers. Read without the lock: it is set before the broker is asked.</summary>
    public bool IsWantedBy(int loop) => Volatile.Read(ref _countByLoop[loop]) > 0;

    /// <summary>The broker brings a channel's publications one after the other, so that this needs to be no interlocked addition.</summary>
    public void CountPublication() => Volatile.Write(ref _publications, _publications + 1);

    /// <summary>Takes the rate since the last look, <paramref name="span"/> ago; null: there was none of use. Belongs to <see cref="ChannelRates"/>.</summary>
    public void TakeRate(TimeSpan? span)
    {
        var publications = Publications;
        Volatile.Write(ref _rate, span is { } some ? (publications - _publicationsAtLook) / some.TotalSeconds : double.NaN);
        _publicationsAtLook = publications;
    }

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
