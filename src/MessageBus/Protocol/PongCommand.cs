namespace MessageBus.Protocol;

/// <summary><c>pong [id]</c>: the answer to a <c>ping</c>, which has no reply.</summary>
internal sealed record PongCommand(int? Id) : Command(Id), ICommand
{
    public static string Type => "pong";

    public override bool IsExemptFromRate => true;

    public static Command Read(int? id, JsonFields fields) => new PongCommand(id);
}
