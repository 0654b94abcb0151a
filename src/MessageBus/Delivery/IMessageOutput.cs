namespace MessageBus.Delivery;

/// <summary>
/// Where the messages of one connection go: the seam between the delivery loops and the transport.
/// <see cref="Flush"/> is called by the connection's loop only.
/// </summary>
internal interface IMessageOutput
{
    /// <summary>
    /// Writes what it can of <paramref name="queue"/> without waiting. What it leaves there is written later:
    /// after <see cref="OutputState.Busy"/> the output calls <see cref="Writable"/> once it can take more.
    /// </summary>
    OutputState Flush(OutboundQueue queue);

    /// <summary>Reads some of what <see cref="Flush"/> is about to need, and changes nothing. The result means nothing but depends on what was read.</summary>
    int WarmUp() => 0;

    /// <summary>Called from any thread when a busy output may be flushed again. Set once, before the first flush.</summary>
    Action? Writable { get; set; }

    /// <summary>Cuts the transport at once. From any thread.</summary>
    void Abort();
}

internal enum OutputState
{
    /// <summary>Everything was taken.</summary>
    Drained,

    /// <summary>A write is under way, or the transport takes no more for now.</summary>
    Busy,

    /// <summary>The transport is gone.</summary>
    Failed,
}
