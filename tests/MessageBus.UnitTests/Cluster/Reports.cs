using MessageBus.Cluster;

namespace MessageBus.UnitTests.Cluster;

/// <summary>Reports of gateways of the tests.</summary>
internal static class Reports
{
    /// <summary>The report of the gateway with this number: every 5 s, with one connection.</summary>
    public static GatewayReport Of(int gateway) => new()
    {
        Id = $"g-{gateway:D16}",
        Host = $"host-{gateway}",
        Version = "1.2.3",
        Started = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Uptime = 12.5,
        Interval = 5,
        Phase = GatewayPhase.Running,
        IsBrokerUp = true,
        Connections = 1,
        Channels = 2,
        Subscriptions = 3,
        Received = 4,
        Sent = 5,
        Deliveries = 6,
    };
}
