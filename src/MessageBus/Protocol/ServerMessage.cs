using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MessageBus.Protocol;

/// <summary>
/// What the gateway sends, as JSON text in UTF-8: here its pushes, except the one that carries a publication (<see cref="MessagePush"/>). Replies stand with
/// their commands.
/// </summary>
internal static class ServerMessage
{
    // The frame is JSON on a WebSocket, never HTML: escaping what RFC 8259 asks for is enough.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // A returning crowd gets two messages for each connection.
    [ThreadStatic]
    private static Workspace? _workspace;

    /// <summary>The push: the gateway has ended the subscription.</summary>
    public static byte[] Unsubscribed(ChannelName channel, ErrorCode reason) => Write("unsubscribed", null, json =>
    {
        json.WriteString("channel"u8, channel.Value);
        json.WriteString("reason"u8, reason.WireName());
    });

    public static byte[] Ping() => "{\"type\":\"ping\"}"u8.ToArray();

    public static byte[] Gap(ChannelName? channel, GapReason reason) => Write("gap", null, json =>
    {
        if (channel is { } name)
        {
            json.WriteString("channel"u8, name.Value);
        }

        json.WriteString("reason"u8, reason.WireName());
    });

    public static byte[] BrokerStatus(bool up) => up
        ? "{\"type\":\"status\",\"broker\":\"up\"}"u8.ToArray()
        : "{\"type\":\"status\",\"broker\":\"down\"}"u8.ToArray();

    /// <summary>The gateway is about to close the connection: the client does well to reconnect at a random moment within that time.</summary>
    public static byte[] Moving(TimeSpan within) =>
        Write("moving", null, json => json.WriteNumber("within"u8, (long)Math.Ceiling(within.TotalMilliseconds)));

    /// <summary>The field <c>expires</c>, where there is an end.</summary>
    public static void WriteExpires(Utf8JsonWriter json, long? seconds)
    {
        if (seconds is { } left)
        {
            json.WriteNumber("expires"u8, left);
        }
    }

    /// <summary>A message of this type, with an <c>id</c> where it is a reply to a command that has one.</summary>
    public static byte[] Write(string type, int? id, Action<Utf8JsonWriter> fields)
    {
        var (buffer, json) = _workspace ??= Workspace.New();
        buffer.ResetWrittenCount();
        json.Reset();
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        if (id is { } number)
        {
            json.WriteNumber("id"u8, number);
        }

        fields(json);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>What one message after the other is written with, on one thread.</summary>
    private sealed record Workspace(ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json)
    {
        public static Workspace New()
        {
            var buffer = new ArrayBufferWriter<byte>();
            return new Workspace(buffer, new Utf8JsonWriter(buffer, Options));
        }
    }
}
