using System.Text.Json;

namespace MessageBus.Protocol;

/// <summary>
/// Where the known fields of a message stand: a reader placed on each field's value, or on nothing where the field is absent.
/// Fields come in any order, so that a value can only be understood after the whole object was seen.
/// </summary>
internal ref struct CommandFields
{
    public Utf8JsonReader Type;
    public Utf8JsonReader Id;
    public Utf8JsonReader Channel;
    public Utf8JsonReader Payload;
    public Utf8JsonReader Base64;
    public Utf8JsonReader Token;
    public Utf8JsonReader Subscriptions;

    /// <summary>False where the text is not one JSON object with a string <c>type</c>.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static bool TryScan(Utf8JsonReader reader, out CommandFields fields)
    {
        fields = default;
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var name = reader;
            reader.Read();
            fields.Remember(name, reader);
            reader.Skip();
        }

        // What follows the object must be nothing: reading on throws at anything else.
        return !reader.Read() && fields.Type.TokenType is JsonTokenType.String;
    }

    private void Remember(scoped Utf8JsonReader name, Utf8JsonReader value)
    {
        if (JsonText.Is(ref name, "type"u8))
        {
            Type = value;
        }
        else if (JsonText.Is(ref name, "id"u8))
        {
            Id = value;
        }
        else if (JsonText.Is(ref name, "channel"u8))
        {
            Channel = value;
        }
        else if (JsonText.Is(ref name, "payload"u8))
        {
            Payload = value;
        }
        else if (JsonText.Is(ref name, "base64"u8))
        {
            Base64 = value;
        }
        else if (JsonText.Is(ref name, "token"u8))
        {
            Token = value;
        }
        else if (JsonText.Is(ref name, "subscriptions"u8))
        {
            Subscriptions = value;
        }
    }
}
