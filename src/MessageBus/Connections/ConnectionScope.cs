using MessageBus.Access;
using MessageBus.Authentication;
using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Limits;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MessageBus.Connections;

/// <summary>What all connections of the gateway share.</summary>
internal sealed class ConnectionScope(
    IOptions<MessageBusOptions> options,
    IBroker broker,
    ChannelDirectory directory,
    ChannelAccess access,
    ConnectionCounters counters,
    PublicationCounters publications,
    TimeProvider time,
    ILogger<Connection> logger,
    ITokenValidator? tokens = null)
{
    public MessageBusOptions Options { get; } = options.Value;

    public CommandRates Rates { get; } = new(options.Value, time);

    public IBroker Broker { get; } = broker;

    public ChannelDirectory Directory { get; } = directory;

    public ChannelAccess Access { get; } = access;

    public ConnectionCounters Counters { get; } = counters;

    public PublicationCounters Publications { get; } = publications;

    public TimeProvider Time { get; } = time;

    public ILogger Logger { get; } = logger;

    public Admission Admission { get; } = new(tokens, options.Value.AllowAnonymous is true);
}
