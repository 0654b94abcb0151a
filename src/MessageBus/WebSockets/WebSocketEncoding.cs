using System.Buffers.Binary;
using System.Text;
using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Protocol;

namespace MessageBus.WebSockets;

/// <summary>The protocol's JSON in whole WebSocket frames. A server's frames are not masked (RFC 6455 section 5.1), so that one serves all subscribers.</summary>
internal sealed class WebSocketEncoding : IMessageEncoding
{
    public static readonly WebSocketEncoding Instance = new();

    private WebSocketEncoding()
    {
    }

    public byte[] Head(ChannelName channel) => MessagePush.Head(channel);

    public EncodedMessage? Encode(in Publication publication, ReadOnlySpan<byte> head, int maxBytes)
    {
        var payload = publication.Payload.Span;

        // Checked before anything else is done with it: what a backend publishes may be hundreds of megabytes.
        if (payload.Length > maxBytes)
        {
            return null;
        }

        var push = MessagePush.Measure(head, publication.Position?.Offset, payload);
        if (push.Length > maxBytes || WebSocketFrame.HeaderLength((int)push.Length) + push.Length > maxBytes)
        {
            return null;
        }

        var bytes = NewFrame(WebSocketFrame.Text, (int)push.Length, out var content);
        push.Write(content);
        return new EncodedMessage(bytes);
    }

    public EncodedMessage Encode(ServerMessage message) => Text(message.WriteJson());

    /// <summary>RFC 6455 section 5.5.1: <c>code(2, big-endian) reason(UTF-8)</c>. A connection that is lost gets none.</summary>
    public EncodedMessage? EncodeClose(CloseReason reason) => reason is CloseReason.Lost ? null : Close((int)reason, reason.Text());

    /// <summary>A text frame around a JSON message.</summary>
    public static EncodedMessage Text(ReadOnlySpan<byte> json) => Frame(WebSocketFrame.Text, json);

    /// <summary>A close frame; without a code, where the client's had none.</summary>
    public static EncodedMessage Close(int? code, string text)
    {
        Span<byte> body = stackalloc byte[125];
        if (code is null)
        {
            return Frame(WebSocketFrame.Close, []);
        }

        BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)code);
        return Frame(WebSocketFrame.Close, body[..(2 + Encoding.UTF8.GetBytes(text, body[2..]))]);
    }

    private static EncodedMessage Frame(byte opcode, ReadOnlySpan<byte> payload)
    {
        var bytes = NewFrame(opcode, payload.Length, out var content);
        payload.CopyTo(content);
        return new EncodedMessage(bytes);
    }

    private static byte[] NewFrame(byte opcode, int length, out Span<byte> content)
    {
        var headerLength = WebSocketFrame.HeaderLength(length);
        var bytes = GC.AllocateUninitializedArray<byte>(headerLength + length);
        WebSocketFrame.WriteHeader(bytes, opcode, length);
        content = bytes.AsSpan(headerLength);
        return bytes;
    }
}
