using System.Buffers.Binary;
using System.Text;

namespace MessageBus.Bench.Peers.Floor;

/// <summary>RFC 6455 section 5.2, as far as the floor needs it.</summary>
internal static class FloorFrame
{
    public const int LongestHeader = 10;

    public static byte[] Ok { get; } = [0x81, 2, (byte)'o', (byte)'k'];

    public static int WriteHeader(Span<byte> target, int length)
    {
        target[0] = 0x81;
        switch (length)
        {
            case < 126:
                target[1] = (byte)length;
                return 2;
            case <= ushort.MaxValue:
                target[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)length);
                return 4;
            default:
                target[1] = 127;
                BinaryPrimitives.WriteInt64BigEndian(target[2..], length);
                return LongestHeader;
        }
    }

    /// <summary>The masked text messages under 126 bytes in <paramref name="input"/>, which holds whole frames here.</summary>
    public static List<string> ReadTexts(Span<byte> input)
    {
        var texts = new List<string>();
        while (input.Length >= 6 && input.Length >= 6 + (input[1] & 0x7F))
        {
            var mask = input.Slice(2, 4);
            var payload = input.Slice(6, input[1] & 0x7F);
            for (var i = 0; i < payload.Length; i++)
                payload[i] ^= mask[i & 3];
            if ((input[0] & 0x0F) == 1)
                texts.Add(Encoding.UTF8.GetString(payload));
            input = input[(6 + payload.Length)..];
        }

        return texts;
    }
}
