using System.Buffers.Text;

namespace MessageBus.Redis.Wire;

/// <summary>
/// Where one answer or push of Redis ends, and what it says if it is a publication (https://redis.io/docs/latest/develop/reference/protocol-spec).
/// <code>
/// frame       = line / bulk / aggregate
/// line        = ("+" / "-" / ":" / "_" / "," / "#" / "(") text CRLF
/// bulk        = ("$" / "!" / "=") length CRLF bytes CRLF
/// aggregate   = ("*" / "~" / ">") count CRLF count(frame)  /  ("%" / "|") count CRLF 2count(frame)
/// publication = ("*" / ">") "3" CRLF "$7" CRLF "message" CRLF bulk bulk
/// </code>
/// Pure; no allocation.
/// </summary>
internal static class RespFrame
{
    /// <summary>Redis' answers to what a link asks are far flatter.</summary>
    private const int MaxDepth = 16;

    private static ReadOnlySpan<byte> Message => "3\r\n$7\r\nmessage\r\n$"u8;

    /// <summary>
    /// The length of the frame that <paramref name="bytes"/> begin with. Where they end before it: no more than the frame needs at least, and more than they have.
    /// </summary>
    /// <returns>False where these bytes are no RESP.</returns>
    public static bool TryMeasure(ReadOnlySpan<byte> bytes, out int length) => TryMeasure(bytes, 0, out length);

    /// <summary>Reads a whole frame as a publication, if it is one.</summary>
    public static bool TryReadPublication(ReadOnlySpan<byte> frame, out Range channel, out Range payload)
    {
        channel = payload = default;
        if (frame[0] is not ((byte)'*' or (byte)'>') || !frame[1..].StartsWith(Message))
        {
            return false;
        }

        channel = Bulk(frame, 1 + Message.Length);
        payload = Bulk(frame, channel.End.Value + 3);
        return true;
    }

    private static bool TryMeasure(ReadOnlySpan<byte> bytes, int depth, out int length)
    {
        var line = bytes.IndexOf("\r\n"u8);
        if (line < 0)
        {
            length = bytes.Length + 1;
            return depth <= MaxDepth && (bytes.IsEmpty || IsPrefix(bytes[0]));
        }

        length = line + 2;
        switch (bytes[0])
        {
            case (byte)'$' or (byte)'!' or (byte)'=':
                // -1: null, as RESP2 writes it; there are no bytes then.
                var isBulk = TryReadCount(bytes[1..line], out var size);
                length += size < 0 ? 0 : (int)size + 2;
                return isBulk;
            case (byte)'*' or (byte)'~' or (byte)'>':
                return TryReadCount(bytes[1..line], out var elements) && TryMeasureElements(bytes, elements, depth, ref length);
            case (byte)'%' or (byte)'|':
                return TryReadCount(bytes[1..line], out var pairs) && TryMeasureElements(bytes, pairs * 2L, depth, ref length);
            default:
                return IsPrefix(bytes[0]);
        }
    }

    private static bool TryMeasureElements(ReadOnlySpan<byte> bytes, long count, int depth, ref int length)
    {
        for (; count > 0; count--)
        {
            if (depth == MaxDepth)
            {
                return false;
            }

            if (length >= bytes.Length)
            {
                // It has not arrived; the shortest element is "_\r\n".
                length = Math.Max(length, bytes.Length) + 3;
                return true;
            }

            if (!TryMeasure(bytes[length..], depth + 1, out var element) || element > int.MaxValue / 2 - length)
            {
                return false;
            }

            length += element;
        }

        return true;
    }

    /// <summary>Lengths and counts: 512 MiB is the longest string that Redis takes.</summary>
    private static bool TryReadCount(ReadOnlySpan<byte> digits, out long count) =>
        Utf8Parser.TryParse(digits, out count, out var read) && read == digits.Length && count is >= -1 and <= 1 << 29;

    private static bool IsPrefix(byte first) => "+-:$*_,#!=(%~>|"u8.Contains(first);

    /// <summary>The bytes of a bulk whose length begins at <paramref name="at"/>, behind its "$". The frame was measured: it is there.</summary>
    private static Range Bulk(ReadOnlySpan<byte> frame, int at)
    {
        var line = frame[at..].IndexOf("\r\n"u8);
        var size = TryReadCount(frame.Slice(at, line), out var count) ? (int)count : 0;
        var start = at + line + 2;
        return start..(start + size);
    }
}
