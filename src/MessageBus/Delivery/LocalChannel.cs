using MessageBus.Brokers;
using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>
/// A channel that connections of this gateway are subscribed to. Its groups and the broker's part belong to <see cref="ChannelDirectory"/> and its lock.
/// </summary>
internal sealed class LocalChannel(ChannelName name, int loops)
{
    private SubscriberGroup[] _groups = [];
    private long _publications;
    private long _publicationsAtLook;
    private double _rate = double.NaN;

    public ChannelName Name { get; } = name;

    /// <summary>Its subscribers by encoding. Any thread may read it.</summary>
    public ReadOnlySpan<SubscriberGroup> Groups => Volatile.Read(ref _groups);

    /// <summary>Ends when the broker has acknowledged the subscription, or failed to.</summary>
    public Task<BrokerResult> Subscribed { get; set; } = Task.FromResult(BrokerResult.Unavailable);

    /// <summary>Subscriptions on all loops, counting those that still wait for the broker.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            foreach (var group in Groups)
            {
                count += group.Count;
            }

            return count;
        }
    }

    /// <summary>When the last subscription ended (a timestamp of the time provider).</summary>
    public long IdleSince { get; set; }

    /// <summary>Publications that the broker has brought while there were subscriptions. Any thread may read it.</summary>
    public long Publications => Volatile.Read(ref _publications);

    /// <summary>Publications a second between the last two looks of <see cref="ChannelRates"/>; null where there were not two. Any thread.</summary>
    public double? Rate => Volatile.Read(ref _rate) is var rate && double.IsNaN(rate) ? null : rate;

    /// <summary>The group with this encoding. It stays as long as the channel, also without subscriptions.</summary>
    public SubscriberGroup Group(IMessageEncoding encoding)
    {
        foreach (var group in _groups)
        {
            if (group.Encoding == encoding)
            {
                return group;
            }
        }

        var added = new SubscriberGroup(this, encoding, loops);
        Volatile.Write(ref _groups, [.. _groups, added]);
        return added;
    }

    /// <summary>The broker brings a channel's publications one after the other, so that this needs to be no interlocked addition.</summary>
    public void CountPublication() => Volatile.Write(ref _publications, _publications + 1);

    /// <summary>Takes the rate since the last look, <paramref name="span"/> ago; null: there was none of use. Belongs to <see cref="ChannelRates"/>.</summary>
    public void TakeRate(TimeSpan? span)
    {
        var publications = Publications;
        Volatile.Write(ref _rate, span is { } some ? (publications - _publicationsAtLook) / some.TotalSeconds : double.NaN);
        _publicationsAtLook = publications;
    }
}
