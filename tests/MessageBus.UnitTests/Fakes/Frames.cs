using System.Buffers.Binary;
using System.Text;
using MessageBus.Delivery;
using MessageBus.WebSockets;

namespace MessageBus.UnitTests.Fakes;

/// <summary>Reads frames the way a client does (RFC 6455 section 5.2), and makes some.</summary>
internal static class Frames
{
    public static EncodedMessage Text(string json) => WebSocketEncoding.Text(Encoding.UTF8.GetBytes(json));

    /// <summary>A text frame of exactly so many bytes on the wire.</summary>
    public static EncodedMessage OfLength(int bytes)
    {
        var header = bytes switch { < 2 + 126 => 2, <= 4 + 65535 => 4, _ => 10 };
        var frame = WebSocketEncoding.Text(new byte[bytes - header]);
        Assert.Equal(bytes, frame.Length);
        return frame;
    }

    /// <summary>The text of a whole frame; fails where it is not a whole, unmasked text frame.</summary>
    public static string TextOf(EncodedMessage frame)
    {
        Assert.Equal(0x81, frame.Bytes[0]);
        return Encoding.UTF8.GetString(PayloadOf(frame));
    }

    /// <summary>The code and the reason of a close frame, as <c>4508 too slow</c>.</summary>
    public static string CloseOf(EncodedMessage frame)
    {
        Assert.Equal(0x88, frame.Bytes[0]);
        var payload = PayloadOf(frame);
        return $"{BinaryPrimitives.ReadUInt16BigEndian(payload)} {Encoding.UTF8.GetString(payload[2..])}";
    }

    public static byte[] PayloadOf(EncodedMessage frame)
    {
        var bytes = frame.Bytes;
        var (header, length) = bytes[1] switch
        {
            126 => (4, BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(2))),
            127 => (10, (long)BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(2))),
            var small => (2, small),
        };
        Assert.Equal(bytes.Length - header, length);
        return bytes[header..];
    }
}
