using System.Text.Json;

namespace MessageBus.Protocol;

/// <summary><c>publish [id] channel ( payload: any | base64: string )</c></summary>
/// <param name="Payload">Exactly what goes to the broker; it is the command's own memory.</param>
internal sealed record PublishCommand(int? Id, ChannelName Channel, byte[] Payload) : Command(Id), ICommand
{
    public static string Type => "publish";

    public static Command Read(int? id, JsonFields fields)
    {
        if (fields.ReadChannel(id, out var channel) is { } invalid)
        {
            return invalid;
        }

        return (fields.Has("payload"u8), fields.Has("base64"u8)) switch
        {
            (true, true) => new InvalidCommand(id, ErrorCode.BadPayload, "Send either 'payload' or 'base64', not both."),
            (true, false) => ReadPayload(id, channel, fields),
            (false, true) => ReadBase64(id, channel, fields),
            _ => new InvalidCommand(id, ErrorCode.MissingField, "The field 'payload' (or 'base64') is missing."),
        };
    }

    /// <summary><c>{"type":"published","id":4}</c></summary>
    public sealed record Reply(int? Id) : ServerMessage("published", Id);

    /// <summary>A string is its text, any other value its JSON exactly as written.</summary>
    private static Command ReadPayload(int? id, ChannelName channel, JsonFields fields)
    {
        var value = fields.Value("payload"u8);
        if (value.TokenType is not JsonTokenType.String)
        {
            return new PublishCommand(id, channel, fields.Raw("payload"u8).ToArray());
        }

        return JsonText.TryGetUtf8(ref value, out var text)
            ? new PublishCommand(id, channel, text)
            : new InvalidCommand(id, ErrorCode.BadPayload, "The payload has a lone surrogate, which is not Unicode text. Send bytes as 'base64'.");
    }

    private static Command ReadBase64(int? id, ChannelName channel, JsonFields fields)
    {
        var value = fields.Value("base64"u8);
        if (value.TokenType is not JsonTokenType.String)
        {
            return new InvalidCommand(id, ErrorCode.BadField, "The field 'base64' must be a string.");
        }

        return JsonText.TryGetBase64(ref value, out var bytes)
            ? new PublishCommand(id, channel, bytes)
            : new InvalidCommand(id, ErrorCode.BadPayload, "The field 'base64' is not base64 (RFC 4648 section 4, with padding).");
    }
}
