using MessageBus.Protocol;

namespace MessageBus.Brokers;

/// <summary>
/// What carries publications between gateways and backend services. At most once, in order per channel.
/// All members may be called from any thread; the caller never has two calls for the same channel's subscription under way at once.
/// </summary>
public interface IBroker
{
    /// <summary>Whether publications pass at the moment.</summary>
    BrokerState State { get; }

    /// <summary>
    /// Why publications do not pass, in one sentence for operators, without addresses and secrets. Null while they do, or where there is nothing to say.
    /// </summary>
    string? Problem => null;

    /// <summary>
    /// Begins to deliver to <paramref name="sink"/>. Returns once the first attempt to reach the broker is over, whatever came of it:
    /// a broker that is away at the start is <see cref="BrokerState.Down"/> and comes up by itself.
    /// </summary>
    Task StartAsync(IBrokerSink sink, CancellationToken cancellationToken);

    /// <summary>Stops the deliveries and lets go of the broker.</summary>
    Task StopAsync(CancellationToken cancellationToken);

    /// <summary>Sends <paramref name="payload"/> to the channel, byte for byte. The memory is not touched after the returned task has ended.</summary>
    ValueTask<BrokerResult> PublishAsync(ChannelName channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);

    /// <summary>
    /// Asks for the channel's publications. Returns <see cref="BrokerResult.Accepted"/> only once the broker has acknowledged:
    /// every publication after that is delivered. An accepted subscription survives the loss of the broker.
    /// </summary>
    Task<BrokerResult> SubscribeAsync(ChannelName channel, CancellationToken cancellationToken);

    /// <summary>Ends the channel's deliveries.</summary>
    Task UnsubscribeAsync(ChannelName channel, CancellationToken cancellationToken);

    /// <summary>
    /// Reads a part of the history of a channel that has one, as of one moment. Null where that is not possible now: then it may be asked for again.
    /// </summary>
    Task<HistoryRead?> ReadHistoryAsync(ChannelName channel, HistoryRange range, CancellationToken cancellationToken) => Task.FromResult<HistoryRead?>(null);

    /// <summary>
    /// What is published does not come back, whatever the connections look like: the broker is to count as lost, and to be connected to anew.
    /// Returns at once. A broker without connections has nothing to do.
    /// </summary>
    void Distrust()
    {
    }
}
