namespace MessageBus.EmbeddedRedis.PubSub;

/// <summary>
/// Redis' patterns of bytes, with all their edges (util.c, stringmatchlen). Where Redis tries again recursively, this goes back to the
/// last star only: an earlier one could not match more, so <c>a*a*a*b</c> costs length times length and not a power of it.
/// </summary>
internal static class GlobPattern
{
    /// <summary>
    /// pattern = *("*" / "?" / class / "\" OCTET / OCTET)<br/>
    /// class   = "[" ["^"] *(OCTET "-" OCTET / "\" OCTET / OCTET) "]": a missing "]" is forgiven at the end<br/>
    /// https://redis.io/docs/latest/commands/psubscribe/
    /// <para>An empty text matches the empty pattern only, not even "*".</para>
    /// </summary>
    public static bool Matches(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text)
    {
        int at = 0, position = 0;
        int afterStar = -1, starPosition = 0;
        while (true)
        {
            var mismatch = false;
            while (!mismatch && at < pattern.Length && position < text.Length)
            {
                if (pattern[at] == '*')
                {
                    at = SkipStars(pattern, at);
                    if (at == pattern.Length)
                    {
                        return true;
                    }

                    (afterStar, starPosition) = (at, position);
                    continue;
                }

                mismatch = !TakesOne(pattern, ref at, text[position]);
                position++;
                if (!mismatch && position == text.Length)
                {
                    at = SkipStars(pattern, at);
                }
            }

            if (!mismatch && at == pattern.Length && position == text.Length)
            {
                return true;
            }

            // The last star takes one byte more.
            starPosition++;
            if (afterStar < 0 || starPosition >= text.Length)
            {
                return false;
            }

            (at, position) = (afterStar, starPosition);
        }
    }

    private static int SkipStars(ReadOnlySpan<byte> pattern, int at)
    {
        while (at < pattern.Length && pattern[at] == '*')
        {
            at++;
        }

        return at;
    }

    private static bool TakesOne(ReadOnlySpan<byte> pattern, ref int at, byte value)
    {
        switch (pattern[at])
        {
            case (byte)'?':
                at++;
                return true;
            case (byte)'[':
                return ClassTakes(pattern, ref at, value);
            case (byte)'\\' when at + 1 < pattern.Length:
                at += 2;
                return pattern[at - 1] == value;
            default:
                at++;
                return pattern[at - 1] == value;
        }
    }

    private static bool ClassTakes(ReadOnlySpan<byte> pattern, ref int at, byte value)
    {
        at++;
        var negated = at < pattern.Length && pattern[at] == '^';
        if (negated)
        {
            at++;
        }

        var found = false;
        while (at < pattern.Length && pattern[at] != ']')
        {
            if (pattern[at] == '\\' && at + 1 < pattern.Length)
            {
                found |= pattern[at + 1] == value;
                at += 2;
            }
            else if (at + 2 < pattern.Length && pattern[at + 1] == '-')
            {
                found |= InRange(pattern[at], pattern[at + 2], value);
                at += 3;
            }
            else
            {
                found |= pattern[at] == value;
                at++;
            }
        }

        // Past the closing bracket, if there is one.
        at = Math.Min(at + 1, pattern.Length);
        return found != negated;
    }

    // Either order, and signed: char is signed where Redis is usually built, so bytes from 0x80 on come before 'a'.
    private static bool InRange(byte first, byte last, byte value)
    {
        sbyte low = (sbyte)first, high = (sbyte)last, signed = (sbyte)value;
        return low <= high ? low <= signed && signed <= high : high <= signed && signed <= low;
    }
}
