namespace MessageBus.Delivery;

/// <summary>
/// What one loop has done and has. Only the thread that does the loop's turn writes, without locks and barriers, so that counting costs the loop an addition;
/// whoever collects metrics reads.
/// </summary>
internal sealed class LoopCounters
{
    /// <summary>Publications times the subscriptions that they were given to.</summary>
    public long Deliveries { get; set; }

    /// <summary>Frames of any kind that outputs have taken.</summary>
    public long Frames { get; set; }

    /// <summary>The bytes of those.</summary>
    public long Bytes { get; set; }

    /// <summary>How often outputs have taken frames, whatever their number: frames beyond this were coalesced.</summary>
    public long Flushes { get; set; }

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
}
