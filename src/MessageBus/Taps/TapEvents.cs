using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using MessageBus.Delivery;
using MessageBus.Protocol;

namespace MessageBus.Taps;

/// <summary>
/// The events of a tap, as server-sent events (WHATWG HTML, section 9.2) with JSON in <c>data</c>. All but <c>message</c> and <c>dropped</c> are the pushes
/// of the wire protocol as they are. A payload is cut where it is long: this is for people to read.
/// </summary>
internal static class TapEvents
{
    /// <summary>Of a payload that is text; longer ones are cut.</summary>
    public const int MaxTextLength = 2000;

    /// <summary>Of any other payload. Divisible by 3, so that the base64 of what is left has no padding inside.</summary>
    public const int MaxBytes = 1500;

    public static readonly SseItem<object> Ping = Of(EncodedFrame.Ping, at: default);

    public static SseItem<object> Dropped(int count) => new(new TapDropped(count), "dropped");

    /// <summary>What the frame says. <paramref name="at"/> is when the broker brought it.</summary>
    public static SseItem<object> Of(EncodedFrame frame, DateTimeOffset at)
    {
        var message = JsonElement.Parse(frame.Bytes.AsSpan(WebSocketFrame.LengthOfHeader(frame.Bytes)));
        var type = message.GetProperty("type").GetString()!;
        return type is "message" ? new(PublicationOf(message, at), type) : new(message, type);
    }

    private static TapPublication PublicationOf(JsonElement message, DateTimeOffset at)
    {
        if (message.TryGetProperty("payload", out var payload))
        {
            var text = payload.GetString()!;
            return new TapPublication(at, Encoding.UTF8.GetByteCount(text), Cut(text), Base64: null, text.Length > MaxTextLength);
        }

        var bytes = message.GetProperty("base64").GetBytesFromBase64();
        return new TapPublication(at, bytes.Length, Payload: null, Convert.ToBase64String(bytes.AsSpan(0, Math.Min(bytes.Length, MaxBytes))), bytes.Length > MaxBytes);
    }

    /// <summary>Not between the two halves of a character.</summary>
    private static string Cut(string text) =>
        text.Length <= MaxTextLength ? text : text[..(char.IsHighSurrogate(text[MaxTextLength - 1]) ? MaxTextLength - 1 : MaxTextLength)];
}

/// <summary>A publication on the channel.</summary>
/// <param name="At">When the gateway got it.</param>
/// <param name="Bytes">Of the whole payload.</param>
/// <param name="Payload">A payload that is text.</param>
/// <param name="Base64">Any other.</param>
/// <param name="Cut">Whether that is only its beginning.</param>
internal sealed record TapPublication(
    DateTimeOffset At,
    int Bytes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Payload,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Base64,
    bool Cut);

/// <summary>So many publications came here that are not shown.</summary>
internal sealed record TapDropped(int Count);
