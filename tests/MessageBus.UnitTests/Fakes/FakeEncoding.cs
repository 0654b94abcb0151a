using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Protocol;
using MessageBus.WebSockets;

namespace MessageBus.UnitTests.Fakes;

/// <summary>The encoding of WebSockets, with which a test can also send any text (<see cref="Said"/>). Each object is an encoding of its own.</summary>
internal sealed class FakeEncoding : IMessageEncoding
{
    public static readonly FakeEncoding Instance = new();

    public byte[] Head(ChannelName channel) => WebSocketEncoding.Instance.Head(channel);

    public EncodedMessage? Encode(in Publication publication, ReadOnlySpan<byte> head, int maxBytes) =>
        WebSocketEncoding.Instance.Encode(publication, head, maxBytes);

    public EncodedMessage? Encode(ServerMessage message) => message is Said said ? Frames.Text(said.Text) : WebSocketEncoding.Instance.Encode(message);

    public EncodedMessage? EncodeClose(CloseReason reason) => WebSocketEncoding.Instance.EncodeClose(reason);
}

/// <summary>A message of a test, which is this text on the wire.</summary>
internal sealed record Said(string Text) : ServerMessage("said");
