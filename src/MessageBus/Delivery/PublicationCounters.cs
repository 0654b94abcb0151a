using MessageBus.Brokers;
using MessageBus.Diagnostics;
using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>The publications that pass this gateway, in both directions. Any thread.</summary>
internal sealed class PublicationCounters
{
    private long _received;
    private long _undeliverable;

    /// <summary>Publications on channels with subscriptions, that the broker has brought.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Those of them that no connection got, or only some: larger than what may wait for one, or a fault of the gateway.</summary>
    public long Undeliverable => Interlocked.Read(ref _undeliverable);

    /// <summary>Publications of clients and of the API that were passed to the broker, and what became of it.</summary>
    public Tally<(PublicationSource Source, BrokerResult Result)> Sent { get; } = new(
        from source in Enum.GetValues<PublicationSource>() from result in Enum.GetValues<BrokerResult>() select (source, result));

    /// <summary>Connections that were told of a gap in one channel.</summary>
    public Tally<GapReason> Gaps { get; } = new(GapReason.TooLarge, GapReason.Undeliverable);

    public void Receive() => Interlocked.Increment(ref _received);

    /// <param name="reason">Why it is not delivered.</param>
    /// <param name="told">The subscriptions that get a gap instead.</param>
    public void Drop(GapReason reason, int told)
    {
        Interlocked.Increment(ref _undeliverable);
        Gaps.Add(reason, told);
    }
}

/// <summary>Who publishes through the gateway.</summary>
internal enum PublicationSource
{
    Connection,
    Api,

    /// <summary>The code of the app that MessageBus is in.</summary>
    App,
}
