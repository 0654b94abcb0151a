using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace MessageBus.Redis.Recording;

internal enum RespKind
{
    Status,
    Error,
    Integer,
    Bulk,
    Array,
    Null,
}

/// <summary>
/// One reply or push of RESP2 (https://redis.io/docs/latest/develop/reference/protocol-spec/):
/// <code>
/// reply = "+" text CRLF / "-" text CRLF / ":" integer CRLF / "$" length CRLF bytes CRLF / "*" count CRLF *reply
/// </code>
/// A length or count of -1 is null.
/// </summary>
internal readonly record struct RespReply(RespKind Kind, byte[]? Bytes = null, long Integer = 0, RespReply[]? Items = null)
{
    // A line holds a number, a status or an error text; a longer one is not Redis.
    private const int MaxLineBytes = 64 * 1024;
    private const int MaxDepth = 8;

    public bool IsError => Kind is RespKind.Error;

    public string Text => Bytes is null ? "" : Encoding.UTF8.GetString(Bytes);

    public bool Is(ReadOnlySpan<byte> text) => Bytes is not null && text.SequenceEqual(Bytes);

    /// <summary>Takes a whole reply from the beginning of <paramref name="buffer"/>; false where it is not all there yet.</summary>
    /// <exception cref="InvalidDataException">The bytes are not RESP2, or a bulk string is longer than <paramref name="maxBytes"/>.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, int maxBytes, out RespReply reply)
    {
        var reader = new SequenceReader<byte>(buffer);
        if (!TryRead(ref reader, maxBytes, 0, out reply))
        {
            return false;
        }

        buffer = buffer.Slice(reader.Position);
        return true;
    }

    private static bool TryRead(ref SequenceReader<byte> reader, int maxBytes, int depth, out RespReply reply)
    {
        reply = default;
        if (!reader.TryReadTo(out ReadOnlySequence<byte> sequence, "\r\n"u8))
        {
            return reader.Remaining <= MaxLineBytes ? false : throw new InvalidDataException("A line of the reply is too long for RESP2.");
        }

        var line = sequence.IsSingleSegment ? sequence.FirstSpan : sequence.ToArray();
        if (line.IsEmpty)
        {
            throw new InvalidDataException("The reply has an empty line where RESP2 has a type.");
        }

        switch (line[0])
        {
            case (byte)'+':
                reply = new(RespKind.Status, line[1..].ToArray());
                return true;

            case (byte)'-':
                reply = new(RespKind.Error, line[1..].ToArray());
                return true;

            case (byte)':':
                reply = new(RespKind.Integer, Integer: Number(line[1..]));
                return true;

            case (byte)'$':
                return TryReadBulk(ref reader, Number(line[1..]), maxBytes, out reply);

            case (byte)'*' when depth < MaxDepth:
                return TryReadArray(ref reader, Number(line[1..]), maxBytes, depth, out reply);

            default:
                throw new InvalidDataException($"A reply of RESP2 does not begin with the byte 0x{line[0]:x2}.");
        }
    }

    private static bool TryReadBulk(ref SequenceReader<byte> reader, long length, int maxBytes, out RespReply reply)
    {
        reply = new(RespKind.Null);
        if (length < 0)
        {
            return true;
        }

        if (length > maxBytes)
        {
            throw new InvalidDataException($"A value of {length} bytes is larger than the {maxBytes} that are taken.");
        }

        if (reader.Remaining < length + 2)
        {
            return false;
        }

        var bytes = GC.AllocateUninitializedArray<byte>((int)length);
        reader.TryCopyTo(bytes);
        reader.Advance(length + 2);
        reply = new(RespKind.Bulk, bytes);
        return true;
    }

    private static bool TryReadArray(ref SequenceReader<byte> reader, long count, int maxBytes, int depth, out RespReply reply)
    {
        reply = new(RespKind.Null);
        if (count < 0)
        {
            return true;
        }

        // Each item takes at least three bytes: a count that cannot be there yet allocates nothing.
        if (count > reader.Remaining)
        {
            return count <= maxBytes ? false : throw new InvalidDataException($"An array of {count} items is larger than what is taken.");
        }

        var items = new RespReply[count];
        for (var i = 0; i < items.Length; i++)
        {
            if (!TryRead(ref reader, maxBytes, depth + 1, out items[i]))
            {
                return false;
            }
        }

        reply = new(RespKind.Array, Items: items);
        return true;
    }

    private static long Number(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long value, out var used) && used == text.Length
            ? value
            : throw new InvalidDataException("The reply has no number where RESP2 has one.");
}
