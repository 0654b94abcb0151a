using System.Buffers.Text;
using System.Text.Unicode;

namespace MessageBus.Protocol;

/// <summary>
/// The push that carries a publication, written once for all subscribers of its channel:
/// <code>
/// {"type":"message","channel":"…","payload":"…"}   a payload that is UTF-8
/// {"type":"message","channel":"…","base64":"…"}    any other
/// </code>
/// Everything up to the payload is the same for every publication of a channel: <see cref="Head"/>.
/// </summary>
internal static class MessagePush
{
    private static ReadOnlySpan<byte> TextStart => ",\"payload\":\""u8;

    private static ReadOnlySpan<byte> Base64Start => ",\"base64\":\""u8;

    private static ReadOnlySpan<byte> End => "\"}"u8;

    /// <summary>The beginning of every message of <paramref name="channel"/>.</summary>
    public static byte[] Head(ChannelName channel)
    {
        // A channel name holds neither control characters nor a reverse solidus, but may hold a quotation mark.
        var name = System.Text.Encoding.UTF8.GetBytes(channel.Value);
        var escaped = new byte[JsonText.EscapedLength(name)];
        JsonText.Escape(name, escaped);
        return [.. "{\"type\":\"message\",\"channel\":\""u8, .. escaped, (byte)'"'];
    }

    /// <summary>How many bytes <see cref="Write"/> writes, and whether as text.</summary>
    public static (long Length, bool IsText) Measure(ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload) =>
        Utf8.IsValid(payload)
            ? (head.Length + TextStart.Length + JsonText.EscapedLength(payload) + End.Length, true)
            : ((long)head.Length + Base64Start.Length + Base64.GetMaxEncodedToUtf8Length(payload.Length) + End.Length, false);

    /// <summary>Writes the push. <paramref name="destination"/> is as long as <see cref="Measure"/> said.</summary>
    public static void Write(ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload, bool isText, Span<byte> destination)
    {
        destination = Append(destination, head);
        destination = Append(destination, isText ? TextStart : Base64Start);
        int written;
        if (isText)
        {
            written = JsonText.Escape(payload, destination);
        }
        else
        {
            Base64.EncodeToUtf8(payload, destination, out _, out written);
        }

        End.CopyTo(destination[written..]);
    }

    private static Span<byte> Append(Span<byte> destination, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(destination);
        return destination[bytes.Length..];
    }
}
