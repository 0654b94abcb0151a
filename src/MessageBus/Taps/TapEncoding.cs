using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Protocol;

namespace MessageBus.Taps;

/// <summary>
/// The messages of a tap, as server-sent events (WHATWG HTML, section 9.2) with JSON in <c>data</c>:
/// <code>
/// event: message
/// data: {"at":"2026-01-02T03:04:05+00:00","bytes":5,"payload":"hello","cut":false}      a payload that is UTF-8
/// data: {"at":"2026-01-02T03:04:05+00:00","bytes":3,"base64":"/wD+","cut":false}        any other
/// </code>
/// All other messages are the pushes of the wire protocol as they are. A payload is cut where it is long: this is for people to read.
/// </summary>
internal sealed class TapEncoding(TimeProvider time) : IMessageEncoding
{
    /// <summary>Of a payload that is text; longer ones are cut.</summary>
    public const int MaxTextLength = 2000;

    /// <summary>Of any other payload. Divisible by 3, so that the base64 of what is left has no padding inside.</summary>
    public const int MaxBytes = 1500;

    // A UTF-16 code unit takes at most three bytes of UTF-8. One more tells that there is more; one that is cut at the end is not shown.
    private const int BytesToDecode = (MaxTextLength + 2) * 3;

    public static readonly EncodedMessage Ping = Event(new ServerMessage.Ping());

    /// <summary>So many publications came here that are not shown.</summary>
    public static EncodedMessage Dropped(int count) => Event("dropped", Encoding.UTF8.GetBytes($$"""{"count":{{count}}}"""));

    public byte[] Head(ChannelName channel) => [];

    public EncodedMessage? Encode(in Publication publication, ReadOnlySpan<byte> head, int maxBytes)
    {
        var payload = publication.Payload.Span;
        if (payload.Length > maxBytes)
        {
            return null;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("at"u8, time.GetUtcNow() - time.GetElapsedTime(publication.ReceivedAt));
            json.WriteNumber("bytes"u8, payload.Length);
            json.WriteBoolean("cut"u8, WritePayload(json, payload));
            json.WriteEndObject();
        }

        return Event("message", buffer.WrittenSpan);
    }

    public EncodedMessage Encode(ServerMessage message) => Event(message);

    /// <summary>A tap just ends.</summary>
    public EncodedMessage? EncodeClose(CloseReason reason) => null;

    /// <summary>Returns whether it is only the beginning.</summary>
    private static bool WritePayload(Utf8JsonWriter json, ReadOnlySpan<byte> payload)
    {
        if (!Utf8.IsValid(payload))
        {
            json.WriteBase64String("base64"u8, payload[..Math.Min(payload.Length, MaxBytes)]);
            return payload.Length > MaxBytes;
        }

        var text = Encoding.UTF8.GetString(payload[..Math.Min(payload.Length, BytesToDecode)]);
        var isCut = text.Length > MaxTextLength;

        // Not between the two halves of a character.
        var length = !isCut ? text.Length : char.IsHighSurrogate(text[MaxTextLength - 1]) ? MaxTextLength - 1 : MaxTextLength;
        json.WriteString("payload"u8, text.AsSpan(0, length));
        return isCut;
    }

    private static EncodedMessage Event(ServerMessage message) => Event(message.Type, message.WriteJson());

    /// <summary>JSON has no line breaks, so that it is one line of data.</summary>
    private static EncodedMessage Event(string type, ReadOnlySpan<byte> json) =>
        new([.. "event: "u8, .. Encoding.UTF8.GetBytes(type), .. "\ndata: "u8, .. json, .. "\n\n"u8]);
}
