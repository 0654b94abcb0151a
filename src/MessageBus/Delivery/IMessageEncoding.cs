using MessageBus.Brokers;
using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>
/// How one kind of subscriber gets its messages. Subscribers share an encoding object: each publication is encoded once for each of these objects
/// that is in use on its channel. Any thread.
/// </summary>
internal interface IMessageEncoding
{
    /// <summary>What all publications of the channel begin with, kept with the channel; empty where there is nothing to be made beforehand.</summary>
    byte[] Head(ChannelName channel);

    /// <summary>
    /// The publication, or null where it would be longer than <paramref name="maxBytes"/>. Called on the broker's thread; the payload is not kept.
    /// </summary>
    /// <param name="publication">What the broker has brought.</param>
    /// <param name="head">The channel's <see cref="Head"/>.</param>
    /// <param name="maxBytes">What may wait for one subscriber.</param>
    EncodedMessage? Encode(in Publication publication, ReadOnlySpan<byte> head, int maxBytes);

    /// <summary>A reply or a push; null where the transport has no form for it.</summary>
    EncodedMessage? Encode(ServerMessage message);

    /// <summary>The last message of a connection; null where the transport just ends.</summary>
    EncodedMessage? EncodeClose(CloseReason reason);
}
