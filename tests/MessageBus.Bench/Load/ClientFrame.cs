using System.Buffers.Binary;

namespace MessageBus.Bench.Load;

/// <summary>Frames as a client sends them: RFC 6455 section 5.2, masked, here always with the same key.</summary>
internal static class ClientFrame
{
    public const byte Text = 1;
    public const byte Pong = 10;

    private static readonly byte[] Mask = [0x12, 0x34, 0x56, 0x78];

    public static byte[] Encode(byte opcode, ReadOnlySpan<byte> payload)
    {
        var lengthBytes = payload.Length < 126 ? 0 : 2;
        var frame = new byte[2 + lengthBytes + Mask.Length + payload.Length];
        frame[0] = (byte)(0x80 | opcode);
        if (lengthBytes == 0)
        {
            frame[1] = (byte)(0x80 | payload.Length);
        }
        else
        {
            frame[1] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), checked((ushort)payload.Length));
        }

        Mask.CopyTo(frame, 2 + lengthBytes);
        var masked = frame.AsSpan(2 + lengthBytes + Mask.Length);
        for (var i = 0; i < payload.Length; i++)
            masked[i] = (byte)(payload[i] ^ Mask[i & 3]);
        return frame;
    }
}
