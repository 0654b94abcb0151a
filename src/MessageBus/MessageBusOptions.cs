using MessageBus.Access;
using MessageBus.Brokers;
using MessageBus.Cluster;
using MessageBus.Connections;
using MessageBus.Delivery;
using MessageBus.Limits;
using Microsoft.Extensions.Options;

namespace MessageBus;

/// <summary>
/// What an operator or an embedding app can set, by feature. Bound from the configuration section <c>MessageBus</c> by the gateway. Who may do what stands at
/// the top, because every gateway needs it: <c>MessageBus:Channels</c>; the rest has sections, for example <c>MessageBus:Limits:MaxConnections</c>.
/// </summary>
public sealed class MessageBusOptions : AccessOptions
{
    /// <summary>How much, how often and how long.</summary>
    [ValidateObjectMembers]
    public LimitOptions Limits { get; } = new();

    /// <summary>How publications reach connections.</summary>
    [ValidateObjectMembers]
    public DeliveryOptions Delivery { get; } = new();

    /// <summary>How a gateway that is stopped sends its connections away.</summary>
    [ValidateObjectMembers]
    public DrainOptions Drain { get; } = new();

    /// <summary>How the gateway watches its broker.</summary>
    [ValidateObjectMembers]
    public BrokerOptions Broker { get; } = new();

    /// <summary>What gateways on the same broker tell each other.</summary>
    [ValidateObjectMembers]
    public ClusterOptions Cluster { get; } = new();
}
