using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>What a loop says to the connection whose frames it delivers. Called on the loop's thread: must not block.</summary>
internal interface ISubscriberOwner
{
    /// <summary>The loop wants the connection closed: too slow, no heartbeat, no connect, or a fault.</summary>
    void Close(CloseReason reason);

    /// <summary>The close frame is on the wire, or the transport is gone: nothing more will be written.</summary>
    void OutputEnded();
}
