using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace MessageBus.Protocol;

/// <summary>JSON strings to text and back, on UTF-8 bytes (RFC 8259 section 7).</summary>
internal static class JsonText
{
    // What RFC 8259 wants escaped: quotation mark, reverse solidus and the control characters U+0000 to U+001F.
    private static readonly SearchValues<byte> Escaped = SearchValues.Create([.. "\"\\"u8, .. Enumerable.Range(0, 0x20).Select(i => (byte)i)]);

    /// <summary>Whether the value, a string or the name of a field, is the ASCII text <paramref name="ascii"/>.</summary>
    public static bool Is(ref Utf8JsonReader value, ReadOnlySpan<byte> ascii)
    {
        // The reader throws at an escape that makes a lone surrogate. ASCII text needs no escape of that range (\ud800 to \udfff), so its beginning
        // is looked for instead of catching: a message full of such names would cost thousands of exceptions.
        var mayBeLoneSurrogate = value.ValueIsEscaped && (value.ValueSpan.IndexOf("\\ud"u8) >= 0 || value.ValueSpan.IndexOf("\\uD"u8) >= 0);
        return !mayBeLoneSurrogate && value.ValueTextEquals(ascii);
    }

    /// <summary>The text of a string value; false for any other value, and for escapes that make a lone surrogate.</summary>
    public static bool TryGetString(ref Utf8JsonReader value, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (value.TokenType is not JsonTokenType.String)
        {
            return false;
        }

        try
        {
            text = value.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>The text of a string value as UTF-8, in memory of its own; false for escapes that make a lone surrogate.</summary>
    public static bool TryGetUtf8(ref Utf8JsonReader value, [NotNullWhen(true)] out byte[]? text)
    {
        if (!value.ValueIsEscaped)
        {
            text = value.ValueSpan.ToArray();
            return true;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(value.ValueSpan.Length);
        try
        {
            text = buffer.AsSpan(0, value.CopyString(buffer)).ToArray();
            return true;
        }
        catch (InvalidOperationException)
        {
            text = null;
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The bytes of a base64 string value; false for any other text.</summary>
    public static bool TryGetBase64(ref Utf8JsonReader value, [NotNullWhen(true)] out byte[]? bytes)
    {
        try
        {
            return value.TryGetBytesFromBase64(out bytes);
        }
        catch (InvalidOperationException)
        {
            // An escape makes a lone surrogate.
            bytes = null;
            return false;
        }
    }

    /// <summary>How many bytes <see cref="Escape"/> writes.</summary>
    public static long EscapedLength(ReadOnlySpan<byte> utf8)
    {
        long length = utf8.Length;
        for (var next = utf8.IndexOfAny(Escaped); next >= 0; next = utf8.IndexOfAny(Escaped))
        {
            length += ShortEscape(utf8[next]) is 0 ? 5 : 1;
            utf8 = utf8[(next + 1)..];
        }

        return length;
    }

    /// <summary>Writes the inside of a JSON string. Returns the bytes written.</summary>
    public static int Escape(ReadOnlySpan<byte> utf8, Span<byte> destination)
    {
        var written = 0;
        for (var next = utf8.IndexOfAny(Escaped); next >= 0; next = utf8.IndexOfAny(Escaped))
        {
            utf8[..next].CopyTo(destination[written..]);
            written += next;
            written += EscapeOne(utf8[next], destination[written..]);
            utf8 = utf8[(next + 1)..];
        }

        utf8.CopyTo(destination[written..]);
        return written + utf8.Length;
    }

    private static int EscapeOne(byte value, Span<byte> destination)
    {
        if (ShortEscape(value) is not 0 and var letter)
        {
            destination[0] = (byte)'\\';
            destination[1] = letter;
            return 2;
        }

        "\\u00"u8.CopyTo(destination);
        destination[4] = value < 0x10 ? (byte)'0' : (byte)'1';
        destination[5] = "0123456789abcdef"u8[value & 0xF];
        return 6;
    }

    private static byte ShortEscape(byte value) => value switch
    {
        (byte)'"' => (byte)'"',
        (byte)'\\' => (byte)'\\',
        (byte)'\n' => (byte)'n',
        (byte)'\r' => (byte)'r',
        (byte)'\t' => (byte)'t',
        (byte)'\b' => (byte)'b',
        (byte)'\f' => (byte)'f',
        _ => 0,
    };
}
