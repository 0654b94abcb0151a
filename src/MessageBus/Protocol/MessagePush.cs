using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace MessageBus.Protocol;

/// <summary>
/// The push that carries a publication, written once for all subscribers of its channel:
/// <code>
/// {"type":"message","channel":"…","payload":"…"}               a payload that is UTF-8
/// {"type":"message","channel":"…","base64":"…"}                any other
/// {"type":"message","channel":"…","offset":10,"payload":"…"}   on a channel with history
/// </code>
/// Everything up to the offset is the same for every publication of a channel: <see cref="Head"/>.
/// </summary>
internal readonly ref struct MessagePush
{
    private readonly ReadOnlySpan<byte> _head;
    private readonly long? _offset;
    private readonly ReadOnlySpan<byte> _payload;
    private readonly bool _isText;

    private MessagePush(ReadOnlySpan<byte> head, long? offset, ReadOnlySpan<byte> payload)
    {
        _head = head;
        _offset = offset;
        _payload = payload;
        _isText = Utf8.IsValid(payload);
        Length = head.Length
            + (offset is { } number ? OffsetStart.Length + DigitsOf(number) : 0)
            + (_isText ? TextStart.Length + JsonText.EscapedLength(payload) : Base64Start.Length + Base64.GetMaxEncodedToUtf8Length(payload.Length))
            + End.Length;
    }

    private static ReadOnlySpan<byte> OffsetStart => ",\"offset\":"u8;

    private static ReadOnlySpan<byte> TextStart => ",\"payload\":\""u8;

    private static ReadOnlySpan<byte> Base64Start => ",\"base64\":\""u8;

    private static ReadOnlySpan<byte> End => "\"}"u8;

    /// <summary>How many bytes <see cref="Write"/> writes.</summary>
    public long Length { get; }

    /// <summary>The beginning of every message of <paramref name="channel"/>.</summary>
    public static byte[] Head(ChannelName channel)
    {
        // A channel name holds neither control characters nor a reverse solidus, but may hold a quotation mark.
        var name = Encoding.UTF8.GetBytes(channel.Value);
        var escaped = new byte[JsonText.EscapedLength(name)];
        JsonText.Escape(name, escaped);
        return [.. "{\"type\":\"message\",\"channel\":\""u8, .. escaped, (byte)'"'];
    }

    /// <summary>The push, not written yet. <paramref name="offset"/> is null on a channel without history.</summary>
    public static MessagePush Measure(ReadOnlySpan<byte> head, long? offset, ReadOnlySpan<byte> payload) => new(head, offset, payload);

    /// <summary>Writes the push into <see cref="Length"/> bytes.</summary>
    public void Write(Span<byte> destination)
    {
        destination = Append(destination, _head);
        if (_offset is { } offset)
        {
            destination = Append(destination, OffsetStart);
            offset.TryFormat(destination, out var digits, default, CultureInfo.InvariantCulture);
            destination = destination[digits..];
        }

        destination = Append(destination, _isText ? TextStart : Base64Start);
        int written;
        if (_isText)
        {
            written = JsonText.Escape(_payload, destination);
        }
        else
        {
            Base64.EncodeToUtf8(_payload, destination, out _, out written);
        }

        End.CopyTo(destination[written..]);
    }

    private static int DigitsOf(long offset)
    {
        Span<byte> digits = stackalloc byte[20];
        offset.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
        return length;
    }

    private static Span<byte> Append(Span<byte> destination, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(destination);
        return destination[bytes.Length..];
    }
}
