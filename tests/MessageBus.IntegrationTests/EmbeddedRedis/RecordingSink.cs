using System.Collections.Concurrent;
using System.Text;
using MessageBus.Brokers;
using MessageBus.Protocol;

namespace MessageBus.IntegrationTests.EmbeddedRedis;

/// <summary>Keeps what the broker delivers, as <c>channel payload</c> in Latin-1.</summary>
public sealed class RecordingSink : IBrokerSink
{
    private readonly ConcurrentQueue<string> _publications = [];

    public IReadOnlyList<string> Publications => [.. _publications];

    public void Deliver(in Publication publication) =>
        _publications.Enqueue($"{publication.Channel} {Encoding.Latin1.GetString(publication.Payload.Span)}");

    public void Missed(ChannelName channel) => _publications.Enqueue($"{channel} (missed)");

    public void BrokerLost()
    {
    }

    public void BrokerRestored()
    {
    }
}
