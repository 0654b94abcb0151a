namespace MessageBus.EmbeddedRedis.Resp;

/// <summary>
/// A command typed as a line, as with telnet or <c>echo PING | nc</c>. The rules are those of Redis' <c>sdssplitargs</c> (sds.c).
/// https://redis.io/docs/latest/develop/reference/protocol-spec/#inline-commands
/// </summary>
internal static class InlineCommand
{
    /// <summary>
    /// line     = *WSP [argument *(1*WSP argument)] *WSP<br/>
    /// argument = 1*(plain / quoted / single): what follows a closing quote must be white space or the end<br/>
    /// quoted   = DQUOTE *(OCTET / "\x" 2HEXDIG / "\n" / "\r" / "\t" / "\b" / "\a" / "\" OCTET) DQUOTE<br/>
    /// single   = "'" *(OCTET / "\'") "'"
    /// <para>False when a quote is not closed, or is closed in the middle of an argument.</para>
    /// </summary>
    public static bool TrySplit(ReadOnlySpan<byte> line, List<byte[]> arguments)
    {
        while (true)
        {
            while (line is [var blank, ..] && IsSpace(blank))
            {
                line = line[1..];
            }

            if (line.IsEmpty)
            {
                return true;
            }

            if (!TryTakeArgument(ref line, out var argument))
            {
                return false;
            }

            arguments.Add(argument);
        }
    }

    private static bool TryTakeArgument(ref ReadOnlySpan<byte> line, out byte[] argument)
    {
        var bytes = new List<byte>();
        var closed = true;
        while (closed && line is [var next, ..] && next is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
        {
            line = line[1..];
            switch (next)
            {
                case (byte)'"':
                    closed = TryTakeQuoted(ref line, bytes);
                    break;
                case (byte)'\'':
                    closed = TryTakeSingle(ref line, bytes);
                    break;
                default:
                    bytes.Add(next);
                    break;
            }
        }

        argument = [.. bytes];
        return closed;
    }

    private static bool TryTakeQuoted(ref ReadOnlySpan<byte> line, List<byte> bytes)
    {
        while (line is [var next, ..])
        {
            switch (line)
            {
                case [(byte)'\\', (byte)'x', var high, var low, ..] when char.IsAsciiHexDigit((char)high) && char.IsAsciiHexDigit((char)low):
                    bytes.Add(Convert.FromHexString([(char)high, (char)low])[0]);
                    line = line[4..];
                    break;
                case [(byte)'\\', var escaped, ..]:
                    bytes.Add(Unescape(escaped));
                    line = line[2..];
                    break;
                case [(byte)'"', ..]:
                    line = line[1..];
                    return EndsArgument(line);
                default:
                    bytes.Add(next);
                    line = line[1..];
                    break;
            }
        }

        return false;
    }

    private static bool TryTakeSingle(ref ReadOnlySpan<byte> line, List<byte> bytes)
    {
        while (line is [var next, ..])
        {
            switch (line)
            {
                case [(byte)'\\', (byte)'\'', ..]:
                    bytes.Add((byte)'\'');
                    line = line[2..];
                    break;
                case [(byte)'\'', ..]:
                    line = line[1..];
                    return EndsArgument(line);
                default:
                    bytes.Add(next);
                    line = line[1..];
                    break;
            }
        }

        return false;
    }

    private static byte Unescape(byte escaped) => escaped switch
    {
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        (byte)'b' => (byte)'\b',
        (byte)'a' => (byte)'\a',
        _ => escaped,
    };

    private static bool EndsArgument(ReadOnlySpan<byte> rest) => rest is [] || IsSpace(rest[0]);

    // isspace() of the C locale.
    private static bool IsSpace(byte value) => value is (byte)' ' or (>= (byte)'\t' and <= (byte)'\r');
}
