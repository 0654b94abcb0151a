using MessageBus.Brokers;
using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>
/// Brings what the broker has to the loops: each publication is encoded once and posted to the loops that have subscribers of its channel.
/// What nobody is subscribed to here goes to <paramref name="unclaimed"/>.
/// </summary>
internal sealed class BrokerDeliveries(
    ChannelDirectory directory,
    DeliveryLoops loops,
    MessageBusOptions options,
    PublicationCounters counters,
    BrokerMetrics metrics,
    TimeProvider time,
    IUnclaimedPublications? unclaimed = null) : IBrokerSink
{
    public void Deliver(ChannelName channel, ReadOnlyMemory<byte> payload)
    {
        if (!directory.TryFind(channel, out var local) || local.Count is 0)
        {
            unclaimed?.Deliver(channel, payload.Span);
            return;
        }

        counters.Receive();
        local.CountPublication();
        var frame = EncodedFrame.Publication(local.MessageHead, payload.Span, options.MaxBacklogBytes, time.GetTimestamp());
        if (frame is null)
        {
            // A frame that could not even wait for a connection is not delivered, and its subscribers are told so.
            counters.Drop(GapReason.TooLarge, told: local.Count);
            frame = EncodedFrame.Text(ServerMessage.Gap(channel, GapReason.TooLarge));
        }

        Give(local, frame);
    }

    public void Missed(ChannelName channel)
    {
        if (directory.TryFind(channel, out var local))
        {
            counters.Drop(GapReason.Undeliverable, told: local.Count);
            Give(local, EncodedFrame.Text(ServerMessage.Gap(channel, GapReason.Undeliverable)));
        }
    }

    public void BrokerLost()
    {
        metrics.Lost();
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

    private void Give(LocalChannel local, EncodedFrame frame)
    {
        foreach (var loop in loops.All)
        {
            if (local.IsWantedBy(loop.Index))
            {
                loop.Publish(local, frame);
            }
        }
    }
}
