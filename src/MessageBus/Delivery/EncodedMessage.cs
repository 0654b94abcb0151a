namespace MessageBus.Delivery;

/// <summary>
/// The bytes of one message, ready for the wire of a transport. Encoded once and shared by all subscribers that get it, so never changed after it was made.
/// </summary>
internal sealed class EncodedMessage(byte[] bytes)
{
    public byte[] Bytes { get; } = bytes;

    public int Length => Bytes.Length;
}
