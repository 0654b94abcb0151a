using MessageBus.Protocol;

namespace MessageBus.Brokers;

/// <summary>Data that was sent to a channel, as a broker brings it.</summary>
/// <param name="Channel">The channel that it was sent to.</param>
/// <param name="Payload">The bytes as they were published. The memory is the broker's.</param>
/// <param name="ReceivedAt">When the broker had it: a timestamp of the time provider.</param>
/// <param name="Position">Where it stands in the channel's history; null where the channel has none.</param>
public readonly record struct Publication(ChannelName Channel, ReadOnlyMemory<byte> Payload, long ReceivedAt, StreamPosition? Position = null);

/// <summary>Where a publication stands in the history of its channel.</summary>
/// <param name="Epoch">Names one numbering: offsets of different epochs cannot be compared.</param>
/// <param name="Offset">The publication's number; contiguous within an epoch.</param>
public readonly record struct StreamPosition(string Epoch, long Offset);
