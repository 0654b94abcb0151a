using MessageBus.Protocol;

namespace MessageBus.Brokers;

/// <summary>Where a broker brings what it has. Calls must not block: they come from the thread that reads from the broker.</summary>
public interface IBrokerSink
{
    /// <summary>
    /// A publication on a subscribed channel. Called in the channel's order, never twice at once for one channel.
    /// The memory of the payload is not kept after the call.
    /// </summary>
    void Deliver(in Publication publication);

    /// <summary>A publication on the channel could not be delivered.</summary>
    void Missed(ChannelName channel);

    /// <summary>The broker was lost: publications may be missed from now on.</summary>
    void BrokerLost();

    /// <summary>The broker is there for the first time, or is back with every channel subscribed again.</summary>
    void BrokerRestored();
}
