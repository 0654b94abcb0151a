using System.Buffers.Text;
using System.Security.Cryptography;
using MessageBus.Brokers;
using MessageBus.Connections;
using MessageBus.Delivery;

namespace MessageBus.Cluster;

/// <summary>What there is to say of this gateway, from what its parts count anyway.</summary>
internal sealed class OwnReport(
    IBroker broker,
    ChannelDirectory directory,
    DeliveryLoops loops,
    PublicationCounters publications,
    ConnectionCounters connections,
    ConnectionRegistry registry,
    ClusterOptions options,
    TimeProvider time)
{
    private static readonly string Host = GatewayReport.HostText(Environment.MachineName);
    private static readonly string Version = typeof(OwnReport).Assembly.GetName().Version!.ToString(3);

    private readonly DateTimeOffset _started = time.GetUtcNow();
    private readonly long _startedAt = time.GetTimestamp();

    /// <summary>Of this gateway, as long as the process lives.</summary>
    public string Id { get; } = "g-" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));

    public GatewayReport Now() => new()
    {
        Id = Id,
        Host = Host,
        Version = Version,
        Started = _started,
        Uptime = Math.Round(time.GetElapsedTime(_startedAt).TotalSeconds, 3),
        Interval = options.ReportInterval.TotalSeconds,
        Phase = registry.IsClosing ? GatewayPhase.Draining : GatewayPhase.Running,
        IsBrokerUp = broker.State is BrokerState.Up,
        Connections = connections.Active,
        Channels = directory.Count,
        Subscriptions = loops.Sum(loop => loop.Subscriptions),
        Received = publications.Received,
        Sent = publications.Sent.Counts.Where(pair => pair.Key.Result is BrokerResult.Accepted).Sum(pair => pair.Value),
        Deliveries = loops.Sum(loop => loop.Deliveries),
    };
}
