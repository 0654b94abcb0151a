using System.Text;
using System.Text.Json;

namespace MessageBus.Protocol;

/// <summary>
/// Reads one message of a client: an object with <c>"type": string</c>, <c>[id]</c> and what the command of that type has beside it. id = 1..2^31-1.
/// Unknown fields are ignored. Never throws on any input.
/// </summary>
/// <param name="commands">The commands by type. The first ones are found a little faster.</param>
internal sealed class CommandReader(IReadOnlyList<(string Type, ReadCommand Read)> commands)
{
    private readonly (byte[] Type, ReadCommand Read)[] _commands = [.. commands.Select(command => (Encoding.UTF8.GetBytes(command.Type), command.Read))];

    private readonly string _unknownType = $"There is no command of this type. Commands are: {string.Join(", ", commands.Select(command => command.Type))}.";

    /// <summary>Null where the text is not a JSON object with a string <c>type</c>.</summary>
    public Command? Read(ReadOnlySpan<byte> utf8)
    {
        if (!JsonFields.TryRead(utf8, out var fields))
        {
            return null;
        }

        using (fields)
        {
            var type = fields.Value("type"u8);
            return type.TokenType is JsonTokenType.String ? Read(ref type, fields) : null;
        }
    }

    private Command Read(ref Utf8JsonReader type, JsonFields fields)
    {
        if (!TryReadId(fields, out var id))
        {
            return new InvalidCommand(null, ErrorCode.BadField, "The field 'id' must be an integer from 1 to 2147483647.");
        }

        foreach (var (name, read) in _commands)
        {
            if (JsonText.Is(ref type, name))
            {
                return read(id, fields);
            }
        }

        return new InvalidCommand(id, ErrorCode.UnknownType, _unknownType);
    }

    private static bool TryReadId(JsonFields fields, out int? id)
    {
        id = null;
        var value = fields.Value("id"u8);
        if (value.TokenType is JsonTokenType.None)
        {
            return true;
        }

        id = value.TokenType is JsonTokenType.Number && value.TryGetInt32(out var number) && number >= 1 ? number : null;
        return id is not null;
    }
}
