using MessageBus.Brokers;
using MessageBus.Limits;
using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>
/// Brings what the broker has to the loops: each publication is encoded once for each encoding in use on its channel, and posted to the loops that have
/// subscribers with it.
/// </summary>
internal sealed class BrokerDeliveries(
    ChannelDirectory directory,
    DeliveryLoops loops,
    LimitOptions limits,
    PublicationCounters counters,
    BrokerMetrics metrics) : IBrokerSink
{
    public void Deliver(in Publication publication)
    {
        if (!directory.TryFind(publication.Channel, out var channel) || channel.Count is 0)
        {
            return;
        }

        counters.Receive();
        channel.CountPublication();
        var told = 0;
        foreach (var group in channel.Groups)
        {
            if (group.Count is 0)
            {
                continue;
            }

            if (group.Encode(publication, limits.MaxBacklogBytes) is { } message)
            {
                Give(group, message, publication.ReceivedAt);
            }
            else
            {
                // What could not even wait for a connection is not delivered, and its subscribers are told so.
                told += group.Count;
                GiveGap(group, GapReason.TooLarge);
            }
        }

        if (told > 0)
        {
            counters.Drop(GapReason.TooLarge, told);
        }
    }

    public void Missed(ChannelName channel)
    {
        if (directory.TryFind(channel, out var local))
        {
            counters.Drop(GapReason.Undeliverable, told: local.Count);
            foreach (var group in local.Groups)
            {
                GiveGap(group, GapReason.Undeliverable);
            }
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

    private void GiveGap(SubscriberGroup group, GapReason reason)
    {
        if (group.EncodeGap(reason) is { } gap)
        {
            Give(group, gap, receivedAt: 0);
        }
    }

    private void Give(SubscriberGroup group, EncodedMessage message, long receivedAt)
    {
        foreach (var loop in loops.All)
        {
            if (group.IsWantedBy(loop.Index))
            {
                loop.Publish(group, message, receivedAt);
            }
        }
    }
}
