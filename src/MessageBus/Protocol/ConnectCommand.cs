using System.Text.Json;

namespace MessageBus.Protocol;

/// <summary>
/// <c>connect [id] [token: string] [subscriptions: [ { channel: string, ... } ... ]]</c>: the first message of a connection, with the channels it wants from
/// the start. Those are as written, and may turn out not to be channel names.
/// </summary>
internal sealed record ConnectCommand(int? Id, string? Token, IReadOnlyList<string> Subscriptions) : Command(Id), ICommand
{
    public static string Type => "connect";

    public static Command Read(int? id, JsonFields fields)
    {
        string? token = null;
        if (fields.IsGiven("token"u8) && !fields.TryGetString("token"u8, out token))
        {
            return new InvalidCommand(id, ErrorCode.BadField, "The field 'token' must be a string.");
        }

        var subscriptions = new List<string>();
        return !fields.IsGiven("subscriptions"u8) || TryReadSubscriptions(fields.Raw("subscriptions"u8), subscriptions)
            ? new ConnectCommand(id, token, subscriptions)
            : new InvalidCommand(id, ErrorCode.BadField, "The field 'subscriptions' must be an array of objects, each with a string 'channel'.");
    }

    /// <summary>
    /// <c>{"type":"connected","id":1,"connection":"c-...","user":"42","pingInterval":25,"maxMessage":131072,"expires":3600,"limits":{...}}</c>; <c>user</c> and
    /// <c>expires</c> only where there are any.
    /// </summary>
    public sealed record Reply(int? Id, string Connection, string? User, TimeSpan PingInterval, int MaxMessage, long? Expires, CommandLimits Limits)
        : ServerMessage("connected", Id)
    {
        protected override void WriteFields(Utf8JsonWriter json)
        {
            json.WriteString("connection"u8, Connection);
            if (User is not null)
            {
                json.WriteString("user"u8, User);
            }

            json.WriteNumber("pingInterval"u8, PingInterval.TotalSeconds);
            json.WriteNumber("maxMessage"u8, MaxMessage);
            WriteExpires(json, Expires);
            Limits.Write(json);
        }
    }

    /// <summary>A record prints what it holds; this one not its token.</summary>
    public override string ToString() => nameof(ConnectCommand);

    private static bool TryReadSubscriptions(ReadOnlySpan<byte> json, List<string> subscriptions)
    {
        var reader = JsonFields.ReaderOf(json);
        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (!JsonFields.TryRead(json[start..(int)reader.BytesConsumed], out var subscription))
            {
                return false;
            }

            using (subscription)
            {
                if (!subscription.TryGetString("channel"u8, out var channel))
                {
                    return false;
                }

                subscriptions.Add(channel);
            }
        }

        return true;
    }
}
