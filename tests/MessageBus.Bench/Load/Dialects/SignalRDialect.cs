namespace MessageBus.Bench.Load.Dialects;

/// <summary>The JSON hub protocol over a WebSocket without negotiation (aspnetcore, docs/specs/HubProtocol.md).</summary>
internal sealed class SignalRDialect : Dialect
{
    private const string End = "\u001e";

    public override string Path => "/hub";

    public override byte? EndMark => 0x1E;

    // The server drops a client that it has not heard from for 30 s; clients ping every 15 s.
    public override (TimeSpan, string)? ClientHeartbeat => (TimeSpan.FromSeconds(15), """{"type":6}""" + End);

    public override IReadOnlyList<Turn> Join(IReadOnlyList<string> channels) =>
    [
        new(["""{"protocol":"json","version":1}""" + End], Utf8("{}"), 1),
        new([.. channels.Select((channel, i) => $$"""{"type":1,"invocationId":"{{i}}","target":"Join","arguments":["{{channel}}"]}""" + End)],
            Utf8("\"type\":3"), channels.Count),
    ];
}
