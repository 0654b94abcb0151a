using System.Runtime.CompilerServices;
using MessageBus.Access;
using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Limits;
using MessageBus.Protocol;

namespace MessageBus.Publishing;

/// <summary>
/// The one way in for a publication, whatever door it comes through: its rights, its size, the broker, and the count of what became of it. The rate belongs to
/// the door, which knows who has to keep to it.
/// </summary>
internal sealed class Publisher(IBroker broker, ChannelAccess access, PublicationCounters publications, LimitOptions limits)
{
    /// <summary>Bytes of the longest payload (<see cref="LimitOptions.MaxPayloadBytes"/>).</summary>
    public int MaxPayloadBytes => limits.MaxPayloadBytes;

    /// <summary>Whether this caller may publish on the channel.</summary>
    public ValueTask<AccessDecision> DecideAsync(ChannelName channel, Caller caller) => access.DecideAsync(ChannelOperation.Publish, channel, caller);

    /// <summary>Sends a payload, whose rights and size were looked at, to the broker. The memory is not touched after the returned task has ended.</summary>
    public ValueTask<BrokerResult> PublishAsync(
        PublicationSource source, ChannelName channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var publishing = broker.PublishAsync(channel, payload, cancellationToken);
        return publishing.IsCompletedSuccessfully ? new(Count(source, publishing.Result)) : CountAsync(source, publishing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<BrokerResult> CountAsync(PublicationSource source, ValueTask<BrokerResult> publishing) => Count(source, await publishing);

    private BrokerResult Count(PublicationSource source, BrokerResult result)
    {
        publications.Sent.Add((source, result));
        return result;
    }
}
