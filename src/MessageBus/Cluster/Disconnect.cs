using System.Text.Json;
using MessageBus.Connections;

namespace MessageBus.Cluster;

/// <summary>
/// Whose connections an operator ends, as gateways tell each other: <c>{"connection":"c-..."}</c> or <c>{"user":"42"}</c>. Exactly one of them is set.
/// </summary>
internal sealed record Disconnect(string? Connection, string? User)
{
    public static Disconnect OfConnection(string id) => new(id, User: null);

    public static Disconnect OfUser(string user) => new(Connection: null, user);

    public bool Concerns(ConnectionIdentity identity) => Connection is not null ? identity.Id == Connection : identity.User == User;

    public byte[] Write() => Connection is not null
        ? JsonSerializer.SerializeToUtf8Bytes(new { connection = Connection })
        : JsonSerializer.SerializeToUtf8Bytes(new { user = User });

    /// <summary>Null where it is no such message. Unknown fields are ignored: they are a newer gateway's.</summary>
    public static Disconnect? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var message = JsonElement.Parse(json);
            return message.ValueKind is not JsonValueKind.Object ? null
                : TextOf(message, "connection") is { } connection ? OfConnection(connection)
                : TextOf(message, "user") is { } user ? OfUser(user)
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second one: a lone surrogate.
            return null;
        }
    }

    private static string? TextOf(JsonElement message, string name) =>
        message.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
