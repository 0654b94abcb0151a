namespace MessageBus.Redis.Wire;

/// <summary>Where a tap brings publications. Neither call blocks or throws.</summary>
internal interface IPublicationReceiver
{
    /// <summary>A publication. The memory is the tap's: it is not kept after the call.</summary>
    void Receive(ReadOnlySpan<byte> channel, ReadOnlyMemory<byte> payload);

    /// <summary>More of a frame has arrived that is not whole yet.</summary>
    void Receiving();
}
