using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Protocol;

namespace MessageBus.Publishing;

/// <summary>The bus for the code of the app itself.</summary>
internal sealed class InProcessBus(Publisher publisher, ChannelDirectory directory, DeliveryLoops loops, TimeProvider time) : IMessageBus
{
    public Task PublishAsync(string channel, string payload, CancellationToken cancellationToken = default) =>
        PublishAsync(channel, Encoding.UTF8.GetBytes(payload), cancellationToken);

    public Task PublishJsonAsync<T>(string channel, T value, JsonSerializerOptions? options = null, CancellationToken cancellationToken = default) =>
        PublishAsync(channel, JsonSerializer.SerializeToUtf8Bytes(value, options ?? JsonSerializerOptions.Web), cancellationToken);

    public async Task PublishAsync(string channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
    {
        var name = ChannelName.Parse(channel);
        if (payload.Length > publisher.MaxPayloadBytes)
        {
            throw new ArgumentException($"A payload is at most {publisher.MaxPayloadBytes} bytes; this one has {payload.Length}.", nameof(payload));
        }

        if (await publisher.PublishAsync(PublicationSource.App, name, payload, cancellationToken) is not BrokerResult.Accepted)
        {
            throw new BusUnavailableException();
        }
    }

    public IAsyncEnumerable<BusMessage> SubscribeAsync(string channel, CancellationToken cancellationToken = default) =>
        ReadAsync(ChannelName.Parse(channel), cancellationToken);

    private async IAsyncEnumerable<BusMessage> ReadAsync(ChannelName channel, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var loop = loops.Next();
        if (await directory.AcquireAsync(channel, BusEncoding.Instance, loop.Index) is not { } group)
        {
            throw new BusUnavailableException();
        }

        try
        {
            using var subscription = new BusSubscription(group, loop, time);
            await foreach (var message in subscription.ReadAllAsync(cancellationToken))
            {
                yield return message;
            }
        }
        finally
        {
            directory.Release(group, loop.Index);
        }
    }
}
