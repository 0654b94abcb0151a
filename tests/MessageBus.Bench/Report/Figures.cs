namespace MessageBus.Bench.Report;

/// <summary>What one case of a scenario gave for one system; null where the scenario does not measure it.</summary>
internal sealed record Figures
{
    public double? DeliveriesPerSecond { get; init; }

    /// <summary>Processor time of the server in user mode, microseconds a delivery.</summary>
    public double? UserMicros { get; init; }

    /// <summary>The same in the kernel.</summary>
    public double? SystemMicros { get; init; }

    /// <summary>The sum of both.</summary>
    public double? CpuMicros { get; init; }

    /// <summary>Processor time of the server, microseconds a publication.</summary>
    public double? CpuPerPublication { get; init; }

    public double? PublicationsPerSecond { get; init; }

    /// <summary>Latency in microseconds.</summary>
    public double? P50 { get; init; }

    public double? P99 { get; init; }

    public double? P999 { get; init; }

    /// <summary>1 where the rate was kept, 0 where it was not; the median over rounds decides.</summary>
    public double? Kept { get; init; }

    public double? KilobytesPerConnection { get; init; }

    public double? ConnectionsPerSecond { get; init; }

    /// <summary>Processor time of the server for a connection and its subscription, microseconds.</summary>
    public double? CpuPerConnection { get; init; }

    /// <summary>TLS connections that resumed a session, as a share.</summary>
    public double? Resumed { get; init; }

    /// <summary>Time in which a client connects and subscribes, microseconds.</summary>
    public double? ConnectP50 { get; init; }

    /// <summary>The same of the slowest client.</summary>
    public double? ConnectSlowest { get; init; }

    /// <summary>Seconds until everything was back.</summary>
    public double? RecoverySeconds { get; init; }

    /// <summary>Copies that never arrived.</summary>
    public double? Lost { get; init; }

    public double? OutOfOrder { get; init; }

    /// <summary>Subscribers that the server has ended.</summary>
    public double? Dropped { get; init; }

    /// <summary>Processor time of the load generator, as a share of its core.</summary>
    public double? LoadShare { get; init; }

    /// <summary>The same with redis-server, which has its core in common with the load generator.</summary>
    public double? LoadCoreShare { get; init; }
}
