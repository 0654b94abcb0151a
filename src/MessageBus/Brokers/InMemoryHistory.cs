using System.Security.Cryptography;
using MessageBus.Protocol;

namespace MessageBus.Brokers;

/// <summary>
/// The history of a broker inside the process: for each channel its last messages, within its bounds. What it holds ends with the process, so its epoch is
/// random at each start. Only under the broker's lock.
/// </summary>
internal sealed class InMemoryHistory(TimeSpan positionAge, TimeProvider time)
{
    // Silent channels are looked for when so many messages have come.
    private const int SweepEvery = 4096;

    private readonly string _epoch = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
    private readonly Dictionary<ChannelName, Log> _logs = [];
    private int _untilSweep = SweepEvery;

    public StreamPosition Append(ChannelName channel, ReadOnlySpan<byte> payload, HistoryBounds bounds)
    {
        if (--_untilSweep <= 0)
        {
            Sweep();
        }

        var log = LogOf(channel);
        log.Entries.Enqueue(new Entry(payload.ToArray(), log.UsedAt));
        log.Top++;
        Trim(log, bounds);
        return new StreamPosition(log.Epoch, log.Top);
    }

    public HistoryRead Read(ChannelName channel, HistoryRange range, HistoryBounds bounds)
    {
        var log = LogOf(channel);
        Trim(log, bounds);
        var first = log.Top - log.Entries.Count + 1;
        var (from, to) = range.Kind switch
        {
            HistoryRangeKind.After => (Math.Max(first, range.Offset + 1), log.Top),
            HistoryRangeKind.Before => (Math.Max(first, Math.Min(range.Offset, log.Top + 1) - range.Limit), Math.Min(range.Offset - 1, log.Top)),
            HistoryRangeKind.Last => (Math.Max(first, log.Top - range.Limit + 1), log.Top),
            _ => (1, 0),
        };
        var entries = log.Entries.Skip((int)Math.Max(0, from - first)).Take((int)Math.Clamp(to - from + 1, 0, range.Limit))
            .Select((entry, index) => new HistoryEntry(from + index, entry.Payload));
        return new HistoryRead(new StreamPosition(log.Epoch, log.Top), [.. entries]);
    }

    /// <summary>A channel that was forgotten begins anew, under an epoch of its own.</summary>
    private Log LogOf(ChannelName channel)
    {
        if (!_logs.TryGetValue(channel, out var log))
        {
            log = new Log($"{_epoch}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}");
            _logs.Add(channel, log);
        }

        log.UsedAt = time.GetTimestamp();
        return log;
    }

    private void Trim(Log log, HistoryBounds bounds)
    {
        while (log.Entries.TryPeek(out var oldest) && (log.Entries.Count > bounds.Size || time.GetElapsedTime(oldest.At) > bounds.Age))
        {
            log.Entries.Dequeue();
        }
    }

    private void Sweep()
    {
        _untilSweep = SweepEvery;
        foreach (var (channel, log) in _logs)
        {
            if (time.GetElapsedTime(log.UsedAt) > positionAge)
            {
                _logs.Remove(channel);
            }
        }
    }

    private readonly record struct Entry(byte[] Payload, long At);

    private sealed class Log(string epoch)
    {
        public string Epoch { get; } = epoch;

        public Queue<Entry> Entries { get; } = new();

        public long Top { get; set; }

        public long UsedAt { get; set; }
    }
}
