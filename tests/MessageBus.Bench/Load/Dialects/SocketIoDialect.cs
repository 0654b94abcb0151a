namespace MessageBus.Bench.Load.Dialects;

/// <summary>Socket.IO protocol 5 over Engine.IO protocol 4, WebSocket transport only: 0 open, 2 ping, 3 pong, 40 connect, 42 event, 43 acknowledgement.</summary>
internal sealed class SocketIoDialect : Dialect
{
    public override string Path => "/socket.io/?EIO=4&transport=websocket";

    public override Heartbeat ServerHeartbeat { get; } = new(Utf8("2"), "3");

    public override IReadOnlyList<Turn> Join(IReadOnlyList<string> channels) =>
    [
        new([], Utf8("0{"), 1),
        new(["40"], Utf8("40"), 1),
        new([.. channels.Select((channel, i) => $"""42{i}["join","{channel}"]""")], Utf8("43"), channels.Count),
    ];
}
