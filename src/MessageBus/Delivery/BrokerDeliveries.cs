using MessageBus.Brokers;
using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>Brings what the broker has to the loops: each publication is encoded once and posted to the loops that have subscribers of its channel.</summary>
internal sealed class BrokerDeliveries(ChannelDirectory directory, DeliveryLoops loops, MessageBusOptions options) : IBrokerSink
{
    public void Deliver(ChannelName channel, ReadOnlyMemory<byte> payload)
    {
        if (!directory.TryFind(channel, out var local) || local.Count is 0)
        {
            return;
        }

        // A frame that could not even wait for a connection is not delivered, and its subscribers are told so.
        var frame = EncodedFrame.Publication(local.MessageHead, payload.Span, options.MaxBacklogBytes)
            ?? EncodedFrame.Text(ServerMessage.Gap(channel, GapReason.TooLarge));

        foreach (var loop in loops.All)
        {
            if (local.IsWantedBy(loop.Index))
            {
                loop.Publish(local, frame);
            }
        }
    }

    public void BrokerLost()
    {
        foreach (var loop in loops.All)
        {
            loop.BrokerLost();
        }
    }

    public void BrokerRestored()
    {
        foreach (var loop in loops.All)
        {
            loop.BrokerRestored();
        }
    }
}
