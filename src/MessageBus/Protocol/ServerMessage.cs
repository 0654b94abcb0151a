using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MessageBus.Protocol;

/// <summary>The replies and pushes of the gateway, except the one that carries a publication (<see cref="MessagePush"/>), as JSON text in UTF-8.</summary>
internal static class ServerMessage
{
    // The frame is JSON on a WebSocket, never HTML: escaping what RFC 8259 asks for is enough.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // A returning crowd gets two messages for each connection.
    [ThreadStatic]
    private static Workspace? _workspace;

    public static byte[] Connected(int? id, string connection, string? user, TimeSpan pingInterval, int maxMessage, long? expires) => Write("connected", id, json =>
    {
        json.WriteString("connection"u8, connection);
        if (user is not null)
        {
            json.WriteString("user"u8, user);
        }

        json.WriteNumber("pingInterval"u8, pingInterval.TotalSeconds);
        json.WriteNumber("maxMessage"u8, maxMessage);
        WriteExpires(json, expires);
    });

    public static byte[] Refreshed(int? id, long? expires) => Write("refreshed", id, json => WriteExpires(json, expires));

    public static byte[] Subscribed(int? id, ChannelName channel) => Write("subscribed", id, json => json.WriteString("channel"u8, channel.Value));

    public static byte[] Unsubscribed(int? id, ChannelName channel) => Write("unsubscribed", id, json => json.WriteString("channel"u8, channel.Value));

    /// <summary>The push: the gateway has ended the subscription.</summary>
    public static byte[] Unsubscribed(ChannelName channel, ErrorCode reason) => Write("unsubscribed", null, json =>
    {
        json.WriteString("channel"u8, channel.Value);
        json.WriteString("reason"u8, reason.WireName());
    });

    public static byte[] Published(int? id) => Write("published", id, static _ => { });

    public static byte[] Error(int? id, ErrorCode code, string message, string? channel = null, TimeSpan? retryAfter = null) => Write("error", id, json =>
    {
        if (channel is not null)
        {
            json.WriteString("channel"u8, channel);
        }

        json.WriteString("code"u8, code.WireName());
        json.WriteString("message"u8, message);
        if (retryAfter is { } wait)
        {
            json.WriteNumber("retryAfter"u8, (long)wait.TotalMilliseconds);
        }
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

    private static void WriteExpires(Utf8JsonWriter json, long? seconds)
    {
        if (seconds is { } left)
        {
            json.WriteNumber("expires"u8, left);
        }
    }

    private static byte[] Write(string type, int? id, Action<Utf8JsonWriter> fields)
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
