using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace MessageBus.Bench.Load;

/// <summary>
/// What every payload begins with: <c>~~</c>, the time of publication (nanoseconds of CLOCK_MONOTONIC) in 16 letters and the publication's number in 8.
/// A letter from a to p is four bits: no JSON encoder escapes it, and eight of them decode in three steps.
/// </summary>
internal static class Stamp
{
    public const int Bytes = 2 + 16 + 8;

    private const ushort Marker = 0x7E7E;
    private const ulong LetterA = 0x6161_6161_6161_6161;

    public static void Write(Span<byte> payload, long time, uint number)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(payload, Marker);
        WriteLetters(payload[2..], (uint)((ulong)time >> 32));
        WriteLetters(payload[10..], (uint)time);
        WriteLetters(payload[18..], number);
        payload[Bytes..].Fill((byte)'x');
    }

    /// <summary>
    /// Reads the stamp of a record, if it has one. <paramref name="place"/> is where the last one stood: each system's records
    /// are alike, so it is searched for only once.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> record, ref int place, out long time, out uint number)
    {
        if (!StandsAt(record, place))
        {
            var found = record.IndexOf("~~"u8);
            if (found < 0 || !StandsAt(record, found))
            {
                time = 0;
                number = 0;
                return false;
            }

            place = found;
        }

        time = (long)((ulong)ReadLetters(record[(place + 2)..]) << 32 | ReadLetters(record[(place + 10)..]));
        number = ReadLetters(record[(place + 18)..]);
        return true;
    }

    private static bool StandsAt(ReadOnlySpan<byte> record, int place) =>
        record.Length >= place + Bytes && Unsafe.ReadUnaligned<ushort>(in record[place]) == Marker;

    private static void WriteLetters(Span<byte> target, uint value)
    {
        for (var i = 0; i < 8; i++)
            target[i] = (byte)('a' + (value >> (28 - 4 * i) & 15));
    }

    private static uint ReadLetters(ReadOnlySpan<byte> source)
    {
        // Four bits a byte, first letter on top; pairs are joined, then pairs of pairs.
        var bits = BinaryPrimitives.ReadUInt64BigEndian(source) - LetterA;
        bits = (bits | bits >> 4) & 0x00FF_00FF_00FF_00FF;
        bits = (bits | bits >> 8) & 0x0000_FFFF_0000_FFFF;
        return (uint)(bits | bits >> 16);
    }
}
