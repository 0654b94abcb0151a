using System.Text.Json;

namespace MessageBus.Protocol;

/// <summary>
/// Reads one message of a client:
/// <code>
/// message = object with "type": string, and by type:
///   connect      [id] [token: string] [subscriptions: [ { "channel": string, ... } ... ]]
///   subscribe    [id] channel
///   unsubscribe  [id] channel
///   publish      [id] channel ( payload: any | base64: string )
///   refresh      [id] token: string
///   pong         [id]
/// id = 1..2^31-1
/// </code>
/// Unknown fields are ignored; of a field that stands twice the last one counts. Never throws on any input.
/// </summary>
internal static class CommandReader
{
    // The length of a message is limited, so its depth is; without this, 65 nested arrays in a payload would be refused.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = int.MaxValue };

    public static Command Read(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return CommandFields.TryScan(new Utf8JsonReader(utf8, Options), out var fields) ? Interpret(ref fields, utf8) : new MalformedMessage();
        }
        catch (JsonException)
        {
            return new MalformedMessage();
        }
    }

    private static Command Interpret(ref CommandFields fields, ReadOnlySpan<byte> utf8)
    {
        if (fields.Id.TokenType is not JsonTokenType.None && !IsId(ref fields.Id))
        {
            return new RefusedCommand(null, ErrorCode.BadField, "The field 'id' must be an integer from 1 to 2147483647.");
        }

        int? id = fields.Id.TokenType is JsonTokenType.None ? null : fields.Id.GetInt32();

        if (JsonText.Is(ref fields.Type, "publish"u8))
        {
            return ReadPublish(id, ref fields, utf8);
        }

        if (JsonText.Is(ref fields.Type, "subscribe"u8))
        {
            return TryReadChannel(id, ref fields, out var channel, out var refusal) ? new SubscribeCommand(id, channel) : refusal!;
        }

        if (JsonText.Is(ref fields.Type, "unsubscribe"u8))
        {
            return TryReadChannel(id, ref fields, out var channel, out var refusal) ? new UnsubscribeCommand(id, channel) : refusal!;
        }

        if (JsonText.Is(ref fields.Type, "connect"u8))
        {
            return ReadConnect(id, ref fields);
        }

        if (JsonText.Is(ref fields.Type, "refresh"u8))
        {
            return ReadRefresh(id, ref fields);
        }

        return JsonText.Is(ref fields.Type, "pong"u8)
            ? new PongCommand(id)
            : new RefusedCommand(id, ErrorCode.UnknownType, "There is no command of this type. Commands are: connect, subscribe, unsubscribe, publish, refresh, pong.");
    }

    private static bool IsId(ref Utf8JsonReader value) => value.TokenType is JsonTokenType.Number && value.TryGetInt32(out var id) && id >= 1;

    private static bool TryReadChannel(int? id, ref CommandFields fields, out ChannelName channel, out RefusedCommand? refusal)
    {
        channel = default;
        if (fields.Channel.TokenType is JsonTokenType.None)
        {
            refusal = new RefusedCommand(id, ErrorCode.MissingField, "The field 'channel' is missing.");
            return false;
        }

        if (fields.Channel.TokenType is not JsonTokenType.String)
        {
            refusal = new RefusedCommand(id, ErrorCode.BadField, "The field 'channel' must be a string.");
            return false;
        }

        if (!JsonText.TryGetString(ref fields.Channel, out var text))
        {
            refusal = new RefusedCommand(id, ErrorCode.BadChannel, "The channel name has a lone surrogate, which is not Unicode text.");
            return false;
        }

        refusal = ChannelName.TryParse(text, out channel, out var problem) ? null : new RefusedCommand(id, ErrorCode.BadChannel, problem);
        return refusal is null;
    }

    private static Command ReadPublish(int? id, ref CommandFields fields, ReadOnlySpan<byte> utf8)
    {
        if (!TryReadChannel(id, ref fields, out var channel, out var refusal))
        {
            return refusal!;
        }

        var hasPayload = fields.Payload.TokenType is not JsonTokenType.None;
        var hasBase64 = fields.Base64.TokenType is not JsonTokenType.None;
        if (hasPayload == hasBase64)
        {
            return hasPayload
                ? new RefusedCommand(id, ErrorCode.BadPayload, "Send either 'payload' or 'base64', not both.")
                : new RefusedCommand(id, ErrorCode.MissingField, "The field 'payload' (or 'base64') is missing.");
        }

        if (hasBase64)
        {
            return ReadBase64(id, channel, ref fields.Base64);
        }

        if (fields.Payload.TokenType is not JsonTokenType.String)
        {
            return new PublishCommand(id, channel, JsonText.RawValue(ref fields.Payload, utf8).ToArray());
        }

        return JsonText.TryGetUtf8(ref fields.Payload, out var text)
            ? new PublishCommand(id, channel, text)
            : new RefusedCommand(id, ErrorCode.BadPayload, "The payload has a lone surrogate, which is not Unicode text. Send bytes as 'base64'.");
    }

    private static Command ReadBase64(int? id, ChannelName channel, ref Utf8JsonReader value)
    {
        if (value.TokenType is not JsonTokenType.String)
        {
            return new RefusedCommand(id, ErrorCode.BadField, "The field 'base64' must be a string.");
        }

        return JsonText.TryGetBase64(ref value, out var bytes)
            ? new PublishCommand(id, channel, bytes)
            : new RefusedCommand(id, ErrorCode.BadPayload, "The field 'base64' is not base64 (RFC 4648 section 4, with padding).");
    }

    private static Command ReadRefresh(int? id, ref CommandFields fields)
    {
        if (fields.Token.TokenType is JsonTokenType.None)
        {
            return new RefusedCommand(id, ErrorCode.MissingField, "The field 'token' is missing.");
        }

        return JsonText.TryGetString(ref fields.Token, out var token)
            ? new RefreshCommand(id, token)
            : new RefusedCommand(id, ErrorCode.BadField, "The field 'token' must be a string.");
    }

    private static Command ReadConnect(int? id, ref CommandFields fields)
    {
        string? token = null;
        if (fields.Token.TokenType is not (JsonTokenType.None or JsonTokenType.Null) && !JsonText.TryGetString(ref fields.Token, out token))
        {
            return new RefusedCommand(id, ErrorCode.BadField, "The field 'token' must be a string.");
        }

        var subscriptions = new List<RequestedSubscription>();
        return fields.Subscriptions.TokenType is JsonTokenType.None or JsonTokenType.Null || TryReadSubscriptions(ref fields.Subscriptions, subscriptions)
            ? new ConnectCommand(id, token, subscriptions)
            : new RefusedCommand(id, ErrorCode.BadField, "The field 'subscriptions' must be an array of objects, each with a string 'channel'.");
    }

    /// <summary><c>[ { "channel": string, ... } ... ]</c></summary>
    private static bool TryReadSubscriptions(ref Utf8JsonReader value, List<RequestedSubscription> subscriptions)
    {
        if (value.TokenType is not JsonTokenType.StartArray)
        {
            return false;
        }

        while (value.Read() && value.TokenType is not JsonTokenType.EndArray)
        {
            if (value.TokenType is not JsonTokenType.StartObject)
            {
                return false;
            }

            string? channel = null;
            while (value.Read() && value.TokenType is JsonTokenType.PropertyName)
            {
                var isChannel = JsonText.Is(ref value, "channel"u8);
                value.Read();
                if (isChannel && !JsonText.TryGetString(ref value, out channel))
                {
                    return false;
                }

                value.Skip();
            }

            if (channel is null)
            {
                return false;
            }

            subscriptions.Add(new RequestedSubscription(channel));
        }

        return true;
    }
}
