using System.Text.Json;

namespace MessageBus.Protocol;

/// <summary>
/// Why a command is not carried out. The client is told, the connection lives:
/// <code>{"type":"error","id":2,"channel":"orders/42","code":"unavailable","message":"...","retryAfter":1000}</code>
/// </summary>
/// <param name="Code">For programs.</param>
/// <param name="Message">For people: what was wrong, and what is right.</param>
/// <param name="Channel">The channel that the command was about, where it was about one.</param>
/// <param name="RetryAfter">When trying again can help; null where it cannot.</param>
internal sealed record CommandError(ErrorCode Code, string Message, string? Channel = null, TimeSpan? RetryAfter = null)
{
    /// <summary>Tells the client: a reply to the command with this id, or a push where it has none.</summary>
    public sealed record Reply(int? Id, CommandError Error) : ServerMessage("error", Id)
    {
        protected override void WriteFields(Utf8JsonWriter json)
        {
            WriteChannel(json, Error.Channel);
            json.WriteString("code"u8, Error.Code.WireName());
            json.WriteString("message"u8, Error.Message);
            if (Error.RetryAfter is { } wait)
            {
                json.WriteNumber("retryAfter"u8, (long)wait.TotalMilliseconds);
            }
        }
    }
}
