using System.Buffers;
using System.Globalization;
using System.Text;

namespace MessageBus.EmbeddedRedis.Resp;

/// <summary>
/// Writes replies and pushes in the version that the client speaks. Where RESP2 has no type of its own for something, it gets the one that
/// Redis sends instead: a map is a flat array, a push an array, a null a bulk of length -1.
/// https://redis.io/docs/latest/develop/reference/protocol-spec/#resp-protocol-description
/// </summary>
internal sealed class RespWriter(RespVersion version, int initialBytes = 256)
{
    /// <summary>A reply longer than this is handed over with its buffer, instead of being copied out of one that stays large.</summary>
    private const int KeptBytes = 4 * 1024;

    private ArrayBufferWriter<byte> _output = new(initialBytes);

    public RespVersion Version { get; set; } = version;

    /// <summary>What was written since the last time. The caller may keep it.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        if (_output.WrittenCount > KeptBytes)
        {
            var written = _output.WrittenMemory;
            _output = new ArrayBufferWriter<byte>(initialBytes);
            return written;
        }

        var copy = _output.WrittenSpan.ToArray();
        _output.ResetWrittenCount();
        return copy;
    }

    /// <summary>simple-string = "+" text CRLF</summary>
    public void SimpleString(string text) => Line('+', text);

    /// <summary>simple-error = "-" code SP text CRLF. The text is one line whatever a client sent: CR and LF become spaces, as in Redis.</summary>
    public void Error(string codeAndText) => Line('-', codeAndText.Replace('\r', ' ').Replace('\n', ' '));

    /// <summary>integer = ":" integer CRLF</summary>
    public void Integer(long value) => Line(':', value);

    /// <summary>bulk-string = "$" length CRLF *OCTET CRLF</summary>
    public void Bulk(ReadOnlySpan<byte> bytes)
    {
        Line('$', bytes.Length);
        _output.Write(bytes);
        _output.Write("\r\n"u8);
    }

    /// <inheritdoc cref="Bulk(ReadOnlySpan{byte})"/>
    public void Bulk(string text) => Bulk(Encoding.Latin1.GetBytes(text));

    /// <summary>verbatim-string = "=" length CRLF "txt:" *OCTET CRLF; in RESP2 a bulk string of the text alone.</summary>
    public void Verbatim(string text)
    {
        if (Version == RespVersion.Resp2)
        {
            Bulk(text);
            return;
        }

        Line('=', text.Length + "txt:".Length);
        _output.Write("txt:"u8);
        _output.Write(Encoding.Latin1.GetBytes(text));
        _output.Write("\r\n"u8);
    }

    /// <summary>null = "_" CRLF; in RESP2 "$-1" CRLF.</summary>
    public void Null()
    {
        if (Version == RespVersion.Resp3)
        {
            Line('_', "");
        }
        else
        {
            Line('$', -1);
        }
    }

    /// <summary>array = "*" count CRLF, then that many elements.</summary>
    public void Array(int count) => Line('*', count);

    /// <summary>map = "%" count CRLF, then that many keys with their values; in RESP2 an array twice as long.</summary>
    public void Map(int count)
    {
        if (Version == RespVersion.Resp3)
        {
            Line('%', count);
        }
        else
        {
            Line('*', 2 * count);
        }
    }

    /// <summary>push = ">" count CRLF, then that many elements; in RESP2 an array.</summary>
    public void Push(int count) => Line(Version == RespVersion.Resp3 ? '>' : '*', count);

    private void Line(char type, long value) => Line(type, value.ToString(CultureInfo.InvariantCulture));

    // Latin-1 carries every byte that a client sent back to it unchanged.
    private void Line(char type, string text)
    {
        var length = text.Length + 3;
        var line = _output.GetSpan(length);
        line[0] = (byte)type;
        Encoding.Latin1.GetBytes(text, line[1..]);
        "\r\n"u8.CopyTo(line[(text.Length + 1)..]);
        _output.Advance(length);
    }
}
