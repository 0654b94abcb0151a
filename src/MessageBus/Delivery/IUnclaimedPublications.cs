using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>
/// Takes the publications that no connection of this gateway is subscribed to: those of the gateways' own channels, and those of a channel whose
/// last subscriber has left a moment ago.
/// </summary>
internal interface IUnclaimedPublications
{
    /// <summary>Called by the thread that reads from the broker: must not block, and never fails. The memory is not kept.</summary>
    void Deliver(ChannelName channel, ReadOnlySpan<byte> payload);
}
