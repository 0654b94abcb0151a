using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace MessageBus.Protocol;

/// <summary>
/// The fields of one JSON object, found by name. They come in any order and are many or few, so only their positions are kept; a value is read when it is
/// asked for. Of a field that stands twice the last one counts. The positions are rented: dispose it, once.
/// </summary>
internal readonly ref struct JsonFields
{
    private const int FewFields = 16;

    // The length of a message is limited, so its depth is; without this, 65 nested arrays in a payload would be refused.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = int.MaxValue };

    private readonly ReadOnlySpan<byte> _utf8;
    private readonly Position[] _positions;
    private readonly int _count;

    private JsonFields(ReadOnlySpan<byte> utf8, Position[] positions, int count)
    {
        _utf8 = utf8;
        _positions = positions;
        _count = count;
    }

    /// <summary>False where the text is not exactly one JSON object. Never throws.</summary>
    public static bool TryRead(ReadOnlySpan<byte> utf8, out JsonFields fields)
    {
        var positions = ArrayPool<Position>.Shared.Rent(FewFields);
        try
        {
            if (TryScan(utf8, ref positions, out var count))
            {
                fields = new JsonFields(utf8, positions, count);
                return true;
            }
        }
        catch (JsonException)
        {
            // The text is not JSON.
        }

        ArrayPool<Position>.Shared.Return(positions);
        fields = default;
        return false;
    }

    /// <summary>A reader of these options that stands on the first token of a text that is known to be JSON.</summary>
    public static Utf8JsonReader ReaderOf(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Options);
        reader.Read();
        return reader;
    }

    public void Dispose() => ArrayPool<Position>.Shared.Return(_positions);

    public bool Has(ReadOnlySpan<byte> name) => IndexOf(name) >= 0;

    /// <summary>The text of a value exactly as it was written; empty where the field is absent.</summary>
    public ReadOnlySpan<byte> Raw(ReadOnlySpan<byte> name) => IndexOf(name) is >= 0 and var i ? _utf8[_positions[i].Value..(_positions[i].End)] : default;

    /// <summary>A reader placed on the value, or on nothing where the field is absent.</summary>
    public Utf8JsonReader Value(ReadOnlySpan<byte> name) => IndexOf(name) >= 0 ? ReaderOf(Raw(name)) : default;

    /// <summary>Whether the value is there, and not <c>null</c>.</summary>
    public bool IsGiven(ReadOnlySpan<byte> name) => Value(name).TokenType is not (JsonTokenType.None or JsonTokenType.Null);

    /// <summary>False where the field is absent, is no string, or is not Unicode text.</summary>
    public bool TryGetString(ReadOnlySpan<byte> name, [NotNullWhen(true)] out string? text)
    {
        var value = Value(name);
        return JsonText.TryGetString(ref value, out text);
    }

    /// <summary>Reads <c>channel</c>. Returns what is wrong with it, or null.</summary>
    public InvalidCommand? ReadChannel(int? id, out ChannelName channel)
    {
        channel = default;
        var value = Value("channel"u8);
        if (value.TokenType is JsonTokenType.None)
        {
            return new InvalidCommand(id, ErrorCode.MissingField, "The field 'channel' is missing.");
        }

        if (value.TokenType is not JsonTokenType.String)
        {
            return new InvalidCommand(id, ErrorCode.BadField, "The field 'channel' must be a string.");
        }

        if (!JsonText.TryGetString(ref value, out var text))
        {
            return new InvalidCommand(id, ErrorCode.BadChannel, "The channel name has a lone surrogate, which is not Unicode text.");
        }

        return ChannelName.TryParse(text, out channel, out var problem) ? null : new InvalidCommand(id, ErrorCode.BadChannel, problem);
    }

    private static bool TryScan(ReadOnlySpan<byte> utf8, ref Position[] positions, out int count)
    {
        count = 0;
        var reader = new Utf8JsonReader(utf8, Options);
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            if (count == positions.Length)
            {
                Grow(ref positions);
            }

            var name = (int)reader.TokenStartIndex + 1;
            var nameEnd = name + reader.ValueSpan.Length;
            reader.Read();
            var value = (int)reader.TokenStartIndex;
            reader.Skip();
            positions[count++] = new Position(name, nameEnd, value, (int)reader.BytesConsumed);
        }

        // What follows the object must be nothing: reading on throws at anything else.
        return !reader.Read();
    }

    private static void Grow(ref Position[] positions)
    {
        var larger = ArrayPool<Position>.Shared.Rent(2 * positions.Length);
        positions.CopyTo(larger, 0);
        ArrayPool<Position>.Shared.Return(positions);
        positions = larger;
    }

    private int IndexOf(ReadOnlySpan<byte> name)
    {
        for (var i = _count - 1; i >= 0; i--)
        {
            var written = _utf8[_positions[i].Name.._positions[i].NameEnd];
            if (written.SequenceEqual(name) || (written.Contains((byte)'\\') && IsEscaped(i, name)))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Whether the name, which has escapes, is this one.</summary>
    private bool IsEscaped(int index, ReadOnlySpan<byte> name)
    {
        var quoted = ReaderOf(_utf8[(_positions[index].Name - 1)..(_positions[index].NameEnd + 1)]);
        return JsonText.Is(ref quoted, name);
    }

    /// <summary>Where a name begins and ends, without its quotation marks, and where its value does.</summary>
    private readonly record struct Position(int Name, int NameEnd, int Value, int End);
}
