namespace MessageBus.Bench.Report;

/// <summary>A kind of figure: how it is called, read, written and compared.</summary>
/// <param name="Key">Its name in the JSON.</param>
/// <param name="Compared">Whether its ratio to ours is shown.</param>
/// <param name="FromLoad">Whether it says nothing where the load generator was the bottleneck.</param>
internal sealed record Figure(string Key, string Header, Func<Figures, double?> Of, string Format, bool Compared = false, bool FromLoad = true)
{
    public static Figure Deliveries { get; } = new("deliveriesPerSecond", "deliveries/s", f => f.DeliveriesPerSecond, "N0");

    public static Figure Cpu { get; } = new("cpuMicros", "CPU us", f => f.CpuMicros, "0.00", Compared: true);

    public static Figure CpuPerPublication { get; } = new("cpuPerPublication", "CPU us/pub", f => f.CpuPerPublication, "0.00", Compared: true);

    public static Figure P50 { get; } = new("p50Micros", "p50 us", f => f.P50, "N0");

    public static Figure P99 { get; } = new("p99Micros", "p99 us", f => f.P99, "N0", Compared: true);

    public static Figure Kilobytes { get; } = new("kilobytesPerConnection", "KB/conn", f => f.KilobytesPerConnection, "0.0", Compared: true, FromLoad: false);

    public static Figure ConnectionsPerSecond { get; } = new("connectionsPerSecond", "conn/s", f => f.ConnectionsPerSecond, "N0", Compared: true);

    public static Figure CpuPerConnection { get; } = new("cpuPerConnection", "CPU us/conn", f => f.CpuPerConnection, "N0", Compared: true, FromLoad: false);

    public static Figure ConnectP50 { get; } = new("connectP50Micros", "connect p50 us", f => f.ConnectP50, "N0");

    public static Figure ConnectSlowest { get; } = new("connectSlowestMicros", "slowest us", f => f.ConnectSlowest, "N0");

    public static Figure Recovery { get; } = new("recoverySeconds", "back after s", f => f.RecoverySeconds, "0.00", Compared: true);

    public static Figure Resumed { get; } = new("resumed", "TLS resumed", f => f.Resumed, "P0", FromLoad: false);

    public static Figure Kept { get; } = new("kept", "rate kept", f => f.Kept, "0");

    public static Figure Lost { get; } = new("lost", "lost", f => f.Lost, "N0", FromLoad: false);

    public static Figure OutOfOrder { get; } = new("outOfOrder", "out of order", f => f.OutOfOrder, "N0", FromLoad: false);

    /// <summary>All of them, in the order of the table.</summary>
    public static IReadOnlyList<Figure> All { get; } =
    [
        Deliveries,
        new("publicationsPerSecond", "publications/s", f => f.PublicationsPerSecond, "N0"),
        new("userMicros", "user", f => f.UserMicros, "0.00"),
        new("systemMicros", "system", f => f.SystemMicros, "0.00"),
        Cpu,
        CpuPerPublication,
        P50,
        P99,
        new("p999Micros", "p99.9 us", f => f.P999, "N0"),
        Kept,
        Kilobytes,
        ConnectionsPerSecond,
        CpuPerConnection,
        ConnectP50,
        ConnectSlowest,
        Resumed,
        Recovery,
        Lost,
        OutOfOrder,
        new("dropped", "closed", f => f.Dropped, "N0", FromLoad: false),
        new("loadShare", "load CPU", f => f.LoadShare, "P0", FromLoad: false),
        new("loadCoreShare", "+ redis", f => f.LoadCoreShare, "P0", FromLoad: false),
    ];
}
