using MessageBus.Protocol;

namespace MessageBus.Brokers;

/// <summary>What to read of a channel's history.</summary>
/// <param name="Kind">Which end it is read from.</param>
/// <param name="Offset">For <see cref="HistoryRangeKind.After"/> and <see cref="HistoryRangeKind.Before"/>: the offset, itself not included.</param>
/// <param name="Limit">The most entries.</param>
public readonly record struct HistoryRange(HistoryRangeKind Kind, long Offset, int Limit)
{
    /// <summary>Only the channel's position.</summary>
    public static HistoryRange PositionOnly => default;

    public static HistoryRange After(long offset, int limit) => new(HistoryRangeKind.After, offset, limit);

    public static HistoryRange Before(long offset, int limit) => new(HistoryRangeKind.Before, offset, limit);

    public static HistoryRange Last(int limit) => new(HistoryRangeKind.Last, 0, limit);
}

public enum HistoryRangeKind
{
    PositionOnly,
    After,
    Before,
    Last,
}

/// <summary>One entry of a channel's history.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="Payload">The bytes as they were published; null for a mark that messages may be missing here.</param>
public readonly record struct HistoryEntry(long Offset, byte[]? Payload);

/// <summary>The answer to a read, from one moment.</summary>
/// <param name="Top">The channel's position: the offset of its newest entry, 0 where it never had one.</param>
/// <param name="Entries">Oldest first, with contiguous offsets.</param>
public sealed record HistoryRead(StreamPosition Top, IReadOnlyList<HistoryEntry> Entries);

/// <summary>How much of a channel's history is kept: at most so many messages, none older than the age.</summary>
public sealed record HistoryBounds(int Size, TimeSpan Age);

/// <summary>Which channels have history. Any thread.</summary>
public interface IRecordedChannels
{
    /// <summary>The bounds of the channel's history; null where it has none.</summary>
    HistoryBounds? Find(ChannelName channel);
}
