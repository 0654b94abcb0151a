using System.Buffers.Binary;
using System.Text;
using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>
/// The bytes of a whole WebSocket frame, ready for the wire. Encoded once and shared by everyone it goes to;
/// never changed after it was made.
/// </summary>
internal sealed class EncodedFrame
{
    public static readonly EncodedFrame Ping = Text(ServerMessage.Ping());

    private EncodedFrame(byte[] bytes, long receivedAt = 0)
    {
        Bytes = bytes;
        ReceivedAt = receivedAt;
    }

    public byte[] Bytes { get; }

    /// <summary>When the broker brought the publication, as a timestamp; 0 for every other kind of frame.</summary>
    public long ReceivedAt { get; }

    public int Length => Bytes.Length;

    /// <summary>A text frame around a JSON message.</summary>
    public static EncodedFrame Text(ReadOnlySpan<byte> json) => Frame(WebSocketFrame.Text, json);

    /// <summary>What the WebSocket wants written as it is: control frames that it made itself.</summary>
    public static EncodedFrame Raw(ReadOnlySpan<byte> bytes) => new(bytes.ToArray());

    /// <summary>A close frame, RFC 6455 section 5.5.1: <c>code(2, big-endian) reason(UTF-8)</c>.</summary>
    public static EncodedFrame Close(int code, string text)
    {
        Span<byte> body = stackalloc byte[125];
        BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)code);
        var length = 2 + Encoding.UTF8.GetBytes(text, body[2..]);
        return Frame(WebSocketFrame.Close, body[..length]);
    }

    /// <summary>A close frame without a code, the answer to one without a code.</summary>
    public static EncodedFrame CloseWithoutCode() => Frame(WebSocketFrame.Close, []);

    /// <summary>
    /// The frame of a publication, or null where it would be longer than <paramref name="maxBytes"/>.
    /// <paramref name="head"/> is the channel's <see cref="MessagePush.Head"/>.
    /// </summary>
    public static EncodedFrame? Publication(ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload, int maxBytes, long receivedAt = 0)
    {
        // Checked before anything else is done with it: what a backend publishes may be hundreds of megabytes.
        if (payload.Length > maxBytes)
        {
            return null;
        }

        var (jsonLength, isText) = MessagePush.Measure(head, payload);
        if (jsonLength > maxBytes || WebSocketFrame.HeaderLength((int)jsonLength) + jsonLength > maxBytes)
        {
            return null;
        }

        var headerLength = WebSocketFrame.HeaderLength((int)jsonLength);
        var bytes = GC.AllocateUninitializedArray<byte>(headerLength + (int)jsonLength);
        WebSocketFrame.WriteHeader(bytes, WebSocketFrame.Text, (int)jsonLength);
        MessagePush.Write(head, payload, isText, bytes.AsSpan(headerLength));
        return new EncodedFrame(bytes, receivedAt);
    }

    private static EncodedFrame Frame(byte opcode, ReadOnlySpan<byte> payload)
    {
        var headerLength = WebSocketFrame.HeaderLength(payload.Length);
        var bytes = GC.AllocateUninitializedArray<byte>(headerLength + payload.Length);
        WebSocketFrame.WriteHeader(bytes, opcode, payload.Length);
        payload.CopyTo(bytes.AsSpan(headerLength));
        return new EncodedFrame(bytes);
    }
}
