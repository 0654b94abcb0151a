using MessageBus.Protocol;

namespace MessageBus.Brokers;

/// <summary>
/// The broker of a single gateway without Redis. Others in the same process can listen to all publications (<see cref="Published"/>);
/// that is how the embedded Redis endpoint hears what browsers publish.
/// </summary>
public sealed class InMemoryBroker(TimeProvider time) : IBroker
{
    // Guards _sink and _channels, and makes the order of publications one and the same for every listener.
    private readonly Lock _gate = new();
    private readonly HashSet<ChannelName> _channels = [];
    private IBrokerSink? _sink;

    /// <summary>Every publication, in order, whether or not the gateway is subscribed to its channel. Handlers must not block.</summary>
    public event Action<ChannelName, ReadOnlyMemory<byte>>? Published;

    /// <inheritdoc/>
    public BrokerState State => _sink is null ? BrokerState.Down : BrokerState.Up;

    /// <inheritdoc/>
    public Task StartAsync(IBrokerSink sink, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _sink = sink;
        }

        sink.BrokerRestored();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _sink = null;
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<BrokerResult> PublishAsync(ChannelName channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_sink is not { } sink)
            {
                return new(BrokerResult.Unavailable);
            }

            if (_channels.Contains(channel))
            {
                sink.Deliver(new Publication(channel, payload, time.GetTimestamp()));
            }

            Published?.Invoke(channel, payload);
        }

        return new(BrokerResult.Accepted);
    }

    /// <inheritdoc/>
    public Task<BrokerResult> SubscribeAsync(ChannelName channel, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _channels.Add(channel);
        }

        return Task.FromResult(BrokerResult.Accepted);
    }

    /// <inheritdoc/>
    public Task UnsubscribeAsync(ChannelName channel, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _channels.Remove(channel);
        }

        return Task.CompletedTask;
    }

    /// <summary>Whether the gateway is subscribed to the channel.</summary>
    public bool IsSubscribed(ChannelName channel)
    {
        lock (_gate)
        {
            return _channels.Contains(channel);
        }
    }

    /// <summary>The channels that the gateway is subscribed to.</summary>
    public IReadOnlyList<ChannelName> Channels()
    {
        lock (_gate)
        {
            return [.. _channels];
        }
    }
}
