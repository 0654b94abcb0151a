namespace MessageBus.Bench.Load.Dialects;

/// <summary>messagebus.v1.json, see src/MessageBus/Protocol/PROTOCOL.md.</summary>
internal sealed class MessageBusDialect : Dialect
{
    public override string Path => "/bus";

    public override string Subprotocol => "messagebus.v1.json";

    public override Heartbeat ServerHeartbeat { get; } = new(Utf8("""{"type":"ping"}"""), """{"type":"pong"}""");

    public override IReadOnlyList<Turn> Join(IReadOnlyList<string> channels)
    {
        var subscriptions = string.Join(',', channels.Select(channel => $$"""{"channel":"{{channel}}"}"""));
        return [new([$$"""{"type":"connect","id":1,"subscriptions":[{{subscriptions}}]}"""], Utf8("\"subscribed\""), channels.Count)];
    }
}
