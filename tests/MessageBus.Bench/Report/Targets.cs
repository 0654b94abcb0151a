namespace MessageBus.Bench.Report;

/// <summary>
/// What our gateway has to reach, as ratios inside one run. They are agreed and stand until they are met; a run that misses one says by how much.
/// </summary>
internal static class Targets
{
    private const string One = "1 in flight";
    private const string Four = "4 in flight";
    private const string Sixteen = "16 in flight";

    public static IReadOnlyList<Target> All { get; } =
    [
        new AgainstPeer("fanout", One, Figure.Cpu, "ours", "floor", 1.3),
        new AgainstPeer("fanout", Four, Figure.Cpu, "ours", "floor", 1.5),
        new AgainstPeer("fanout", Sixteen, Figure.Cpu, "ours", "floor", 1.5),
        new AgainstPeer("fanout", One, Figure.Cpu, "ours", "signalr", 0.5),
        new AgainstPeer("fanout", Four, Figure.Cpu, "ours", "signalr", 0.3),
        new AgainstPeer("fanout", Sixteen, Figure.Cpu, "ours", "signalr", 0.3),
        new AgainstPeer("fanout", Sixteen, Figure.Cpu, "ours", "socketio", 0.2),
        new AgainstPeer("fanout", AnyCase, Figure.Cpu, "ours", "bun", 1.15),

        new AgainstPeer("fanout", One, Figure.Cpu, "ours-tls", "signalr-tls", 0.45),
        new AgainstPeer("fanout", Four, Figure.Cpu, "ours-tls", "signalr-tls", 0.35),
        new AgainstPeer("fanout", Sixteen, Figure.Cpu, "ours-tls", "signalr-tls", 0.35),
        new AgainstPeer("fanout", AnyCase, Figure.Cpu, "ours-tls", "bun-tls", 1.5),

        new AgainstPeer("direct", AnyCase, Figure.Cpu, "ours", "signalr", 0.6),
        new AgainstPeer("direct", AnyCase, Figure.P99, "ours", "signalr", 1, WhereBothKeepTheRate: true),
        new AgainstPeer("rooms", AnyCase, Figure.Cpu, "ours", "signalr", 0.6),
        new AgainstPeer("rooms", AnyCase, Figure.P99, "ours", "signalr", 1, WhereBothKeepTheRate: true),

        new AgainstPeer("latency", AnyCase, Figure.P50, "ours", AnyPlaintextPeer, 1),
        new AgainstPeer("latency", AnyCase, Figure.P99, "ours", AnyPlaintextPeer, 1),

        new AtMost("idle", AnyCase, Figure.Kilobytes, "ours", 6),
        new AtMost("idle", AnyCase, Figure.Kilobytes, "ours-tls", 40),

        new AtMost("storm", AnyCase, Figure.Recovery, "ours", 5),
        new AtLeastTimes("storm", AnyCase, Figure.ConnectionsPerSecond, "ours", "signalr", 2.5),
        new AtLeast("storm", AnyCase, Figure.Resumed, "ours-tls", 0.95),

        new AtMost("crowd", AnyCase, Figure.ConnectSlowest, "ours", 1_000_000),
        new AgainstCase("crowd", "beside 10,000", "alone", Figure.ConnectP50, "ours", 1.5),
        new AgainstCase("slow", "10 % stalled", "all read", Figure.P99, "ours", 1.5),
        new AtLeastTimes("loops", AnyCase, Figure.Deliveries, "ours-2-loops", "ours-1-loop", 1.6),
    ];

    public const string AnyCase = "*";

    public const string AnyPlaintextPeer = "*";
}
