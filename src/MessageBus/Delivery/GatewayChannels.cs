using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>Passes what nobody here is subscribed to on to the parts of the gateway that talk to other gateways. Each knows its own channel.</summary>
internal sealed class GatewayChannels(params IUnclaimedPublications[] parts) : IUnclaimedPublications
{
    public void Deliver(ChannelName channel, ReadOnlySpan<byte> payload)
    {
        foreach (var part in parts)
        {
            part.Deliver(channel, payload);
        }
    }
}
