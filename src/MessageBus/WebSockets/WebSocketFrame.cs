using System.Buffers.Binary;

namespace MessageBus.WebSockets;

/// <summary>
/// The header of a whole, unmasked server frame, RFC 6455 section 5.2:
/// <code>
/// byte 0: FIN=1 RSV=000 opcode(4)
/// byte 1: MASK=0 length(7): 0..125 the length itself, 126: 2 bytes follow, 127: 8 bytes follow (big-endian)
/// </code>
/// </summary>
internal static class WebSocketFrame
{
    public const byte Text = 0x1;
    public const byte Close = 0x8;

    private const byte Final = 0x80;

    public static int HeaderLength(int payloadLength) => payloadLength switch
    {
        < 126 => 2,
        <= ushort.MaxValue => 4,
        _ => 10,
    };

    /// <summary>Writes the header. Returns its length.</summary>
    public static int WriteHeader(Span<byte> destination, byte opcode, int payloadLength)
    {
        var length = HeaderLength(payloadLength);
        destination[0] = (byte)(Final | opcode);
        switch (length)
        {
            case 2:
                destination[1] = (byte)payloadLength;
                break;
            case 4:
                destination[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)payloadLength);
                break;
            default:
                destination[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(destination[2..], (ulong)payloadLength);
                break;
        }

        return length;
    }
}
