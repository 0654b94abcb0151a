using System.Text;
using MessageBus.Brokers;
using MessageBus.Protocol;

namespace MessageBus.EmbeddedRedis.PubSub;

/// <summary>
/// Connects the RESP clients to the in-memory broker. A channel that browsers may use has one order for all clients, the broker's:
/// RESP clients receive its publications from the broker as well, including their own. All other names (reserved ones, bytes that
/// are not a <see cref="ChannelName"/>) stay among the RESP clients, in the order of <see cref="PubSubTable"/>.
/// </summary>
internal sealed class BrokerBridge(InMemoryBroker broker, PubSubTable table) : IDisposable
{
    // The broker calls its listeners on the publisher's thread, before PublishAsync returns: the publisher reads its count here.
    private readonly ThreadLocal<int> _receivers = new();

    public void Attach() => broker.Published += OnPublished;

    public void Detach() => broker.Published -= OnPublished;

    /// <summary>Publishes and returns the number of receivers as Redis counts them; the gateway is one receiver, however many browsers it serves.</summary>
    public int Publish(byte[] channel, byte[] payload)
    {
        if (!TryParse(channel, out var name))
        {
            return table.Deliver(channel, payload);
        }

        var publishing = broker.PublishAsync(name, payload, CancellationToken.None);
        if (publishing is not { IsCompletedSuccessfully: true, Result: BrokerResult.Accepted })
        {
            // No gateway has started on this broker, so there are no browsers; RESP clients still reach each other.
            return table.Deliver(channel, payload);
        }

        return _receivers.Value + (broker.IsSubscribed(name) ? 1 : 0);
    }

    /// <summary>The distinct channels that RESP clients or the gateway are subscribed to.</summary>
    public IReadOnlyCollection<byte[]> Channels()
    {
        var channels = new HashSet<byte[]>(table.Channels(), ByteStringComparer.Instance);
        channels.UnionWith(broker.Channels().Select(channel => Encoding.UTF8.GetBytes(channel.Value)));
        return channels;
    }

    public int SubscriberCount(byte[] channel) =>
        table.SubscriberCount(channel) + (TryParse(channel, out var name) && broker.IsSubscribed(name) ? 1 : 0);

    public void Dispose() => _receivers.Dispose();

    // Bytes that are not UTF-8 decode to U+FFFD, which no channel name contains.
    private static bool TryParse(byte[] channel, out ChannelName name)
    {
        name = default;
        return channel.Length <= ChannelName.MaxBytes && ChannelName.TryParse(Encoding.UTF8.GetString(channel), out name, out _);
    }

    private void OnPublished(ChannelName channel, ReadOnlyMemory<byte> payload)
    {
        Span<byte> name = stackalloc byte[ChannelName.MaxBytes];
        var length = Encoding.UTF8.GetBytes(channel.Value, name);
        _receivers.Value = table.Deliver(name[..length], payload.Span);
    }
}
