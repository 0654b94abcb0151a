using System.Diagnostics.Metrics;
using MessageBus.Diagnostics;

namespace MessageBus.Delivery;

/// <summary>
/// Counts what one loop has done and has, and measures its turns: each as a whole, and one publication of it for all. Only the thread that does the loop's turn
/// writes, without locks and barriers, so that counting costs the loop an addition; collectors of metrics read.
/// </summary>
internal sealed class LoopMeter(LoopHistograms histograms, TimeProvider time)
{
    private long _firstReceivedAt;

    /// <summary>Publications times the subscriptions that they were given to.</summary>
    public long Deliveries { get; private set; }

    /// <summary>Messages of any kind that outputs have taken.</summary>
    public long Messages { get; private set; }

    /// <summary>The bytes of those.</summary>
    public long Bytes { get; private set; }

    /// <summary>How often outputs have taken messages, whatever their number: messages beyond this were coalesced.</summary>
    public long Flushes { get; private set; }

    /// <summary>Connections that were told that messages may be missing, after a loss of the broker.</summary>
    public long Gaps { get; set; }

    /// <summary>Subscriptions at the moment.</summary>
    public long Subscriptions { get; set; }

    /// <summary>Connections with a write under way that their transport has not taken yet, at the last tick.</summary>
    public long Blocked { get; set; }

    /// <summary>Bytes that wait for those connections, at the last tick.</summary>
    public long Backlog { get; set; }

    /// <summary>The most that waits for one of them, at the last tick.</summary>
    public long LargestBacklog { get; set; }

    /// <summary>A publication was given to so many subscriptions; or a gap in its place, which was not received (0).</summary>
    public void Given(long receivedAt, int subscriptions)
    {
        if (receivedAt is not 0)
        {
            Deliveries += subscriptions;
            _firstReceivedAt = _firstReceivedAt is 0 ? receivedAt : _firstReceivedAt;
        }
    }

    /// <summary>An output has taken so much.</summary>
    public void Flushed(int messages, long bytes)
    {
        if (messages > 0)
        {
            Flushes++;
            Messages += messages;
            Bytes += bytes;
        }
    }

    /// <param name="began">The timestamp at which the turn began.</param>
    public void EndTurn(long began)
    {
        var now = time.GetTimestamp();
        histograms.Turn.Record(time.GetElapsedTime(began, now).TotalSeconds);
        if (_firstReceivedAt is not 0)
        {
            histograms.Delay.Record(time.GetElapsedTime(_firstReceivedAt, now).TotalSeconds);
            _firstReceivedAt = 0;
        }
    }
}

/// <summary>How long things take in the loops, all together. Recorded once a turn, never for each delivery.</summary>
internal sealed class LoopHistograms(IMeterFactory meters)
{
    public Histogram<double> Delay { get; } = meters.MessageBusMeter().CreateHistogram(
        "messagebus.delivery.delay",
        "s",
        "From the arrival of a publication to the end of the writes to its subscribers, for the first publication of each turn of a loop.",
        tags: null,
        Telemetry.Durations);

    public Histogram<double> Turn { get; } = meters.MessageBusMeter().CreateHistogram(
        "messagebus.loop.turn.duration",
        "s",
        "One turn of a delivery loop: processing its inbox and the resulting writes.",
        tags: null,
        Telemetry.Durations);
}
