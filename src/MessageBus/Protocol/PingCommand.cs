namespace MessageBus.Protocol;

/// <summary><c>ping [id]</c>: asks whether the connection is still there, answered at once. A client's network may have changed without a word.</summary>
internal sealed record PingCommand(int? Id) : Command(Id), ICommand
{
    public static string Type => "ping";

    public static Command Read(int? id, JsonFields fields) => new PingCommand(id);

    /// <summary><c>{"type":"pong","id":5}</c></summary>
    public sealed record Reply(int? Id) : ServerMessage("pong", Id);
}
