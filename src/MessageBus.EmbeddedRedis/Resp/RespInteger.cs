using System.Buffers.Text;

namespace MessageBus.EmbeddedRedis.Resp;

/// <summary>
/// integer = ["-"] nonzero-digit *digit / "0": no plus, no leading zero, no white space, 64 bits. As Redis' <c>string2ll</c>.
/// https://redis.io/docs/latest/develop/reference/protocol-spec/
/// </summary>
internal static class RespInteger
{
    private const int LongestText = 20;

    public static bool TryParse(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        var digits = text is [(byte)'-', ..] ? text[1..] : text;
        var startsAsItMust = digits is [>= (byte)'1' and <= (byte)'9', ..] || text is [(byte)'0'];
        return startsAsItMust
            && text.Length <= LongestText
            && Utf8Parser.TryParse(text, out value, out var consumed)
            && consumed == text.Length;
    }
}
