using System.Text.Json;

namespace MessageBus.Protocol;

/// <summary><c>refresh [id] token: string</c>: a new token in place of the one that the connection was opened or refreshed with.</summary>
internal sealed record RefreshCommand(int? Id, string Token) : Command(Id), ICommand
{
    public static string Type => "refresh";

    public static Command Read(int? id, JsonFields fields) =>
        !fields.Has("token"u8) ? new InvalidCommand(id, ErrorCode.MissingField, "The field 'token' is missing.")
        : fields.TryGetString("token"u8, out var token) ? new RefreshCommand(id, token)
        : new InvalidCommand(id, ErrorCode.BadField, "The field 'token' must be a string.");

    /// <summary><c>{"type":"refreshed","id":8,"expires":3600}</c>, in seconds; without <c>expires</c> where there is no end.</summary>
    public sealed record Reply(int? Id, long? Expires) : ServerMessage("refreshed", Id)
    {
        protected override void WriteFields(Utf8JsonWriter json) => WriteExpires(json, Expires);
    }

    /// <summary>A record prints what it holds; this one not its token.</summary>
    public override string ToString() => nameof(RefreshCommand);
}
