using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MessageBus.Protocol;

/// <summary>
/// What the gateway sends, with its form in JSON: here its pushes, except the one that carries a publication (<see cref="MessagePush"/>). Replies stand with
/// their commands.
/// </summary>
/// <param name="Type">The type on the wire.</param>
/// <param name="Id">The id of the command that is answered; null for a push.</param>
internal abstract record ServerMessage(string Type, int? Id = null)
{
    // The text is JSON on its own, never in HTML: escaping what RFC 8259 asks for is enough.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // A returning crowd gets two messages for each connection.
    [ThreadStatic]
    private static Workspace? _workspace;

    /// <summary>The message as UTF-8. The memory is valid until the thread writes the next one.</summary>
    public ReadOnlySpan<byte> WriteJson()
    {
        var (buffer, json) = _workspace ??= Workspace.New();
        buffer.ResetWrittenCount();
        json.Reset();
        json.WriteStartObject();
        json.WriteString("type"u8, Type);
        if (Id is { } id)
        {
            json.WriteNumber("id"u8, id);
        }

        WriteFields(json);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan;
    }

    /// <summary>What it has beside type and id.</summary>
    protected virtual void WriteFields(Utf8JsonWriter json)
    {
    }

    /// <summary>The field <c>expires</c>, where there is an end.</summary>
    protected static void WriteExpires(Utf8JsonWriter json, long? seconds)
    {
        if (seconds is { } left)
        {
            json.WriteNumber("expires"u8, left);
        }
    }

    /// <summary>The field <c>channel</c>, where the message is about one.</summary>
    protected static void WriteChannel(Utf8JsonWriter json, string? channel)
    {
        if (channel is not null)
        {
            json.WriteString("channel"u8, channel);
        }
    }

    /// <summary>The gateway has ended the subscription.</summary>
    public sealed record Unsubscribed(ChannelName Channel, ErrorCode Reason) : ServerMessage("unsubscribed")
    {
        protected override void WriteFields(Utf8JsonWriter json)
        {
            WriteChannel(json, Channel.Value);
            json.WriteString("reason"u8, Reason.WireName());
        }
    }

    public sealed record Ping() : ServerMessage("ping");

    /// <summary>Publications may be missing; on all channels where <paramref name="Channel"/> is null.</summary>
    public sealed record Gap(ChannelName? Channel, GapReason Reason) : ServerMessage("gap")
    {
        protected override void WriteFields(Utf8JsonWriter json)
        {
            WriteChannel(json, Channel?.Value);
            json.WriteString("reason"u8, Reason.WireName());
        }
    }

    public sealed record BrokerStatus(bool IsUp) : ServerMessage("status")
    {
        protected override void WriteFields(Utf8JsonWriter json) => json.WriteString("broker"u8, IsUp ? "up"u8 : "down"u8);
    }

    /// <summary>The gateway is about to close the connection: the client does well to reconnect at a random moment within that time.</summary>
    public sealed record Moving(TimeSpan Within) : ServerMessage("moving")
    {
        protected override void WriteFields(Utf8JsonWriter json) => json.WriteNumber("within"u8, (long)Math.Ceiling(Within.TotalMilliseconds));
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
