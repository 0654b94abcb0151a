using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Protocol;

namespace MessageBus.Publishing;

/// <summary>The encoding of subscribers inside the process: the payload's own bytes. All else but a gap has no form there.</summary>
internal sealed class BusEncoding : IMessageEncoding
{
    public static readonly BusEncoding Instance = new();

    /// <summary>Stands for every gap: compared by reference.</summary>
    public static readonly EncodedMessage Gap = new([]);

    private BusEncoding()
    {
    }

    public byte[] Head(ChannelName channel) => [];

    public EncodedMessage? Encode(in Publication publication, ReadOnlySpan<byte> head, int maxBytes) =>
        publication.Payload.Length <= maxBytes ? new EncodedMessage(publication.Payload.ToArray()) : null;

    public EncodedMessage? Encode(ServerMessage message) => message is ServerMessage.Gap ? Gap : null;

    public EncodedMessage? EncodeClose(CloseReason reason) => null;
}
