using System.Threading.Channels;
using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Protocol;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MessageBus.Connections;

/// <summary>
/// Ends connections for an operator, on every gateway: here at once, elsewhere through a reserved channel of the broker that all gateways are subscribed to.
/// They are closed with <see cref="CloseReason.Forbidden"/>, and nothing that waits for them is sent. Any thread.
/// </summary>
internal sealed partial class Disconnections(ConnectionRegistry registry, IBroker broker, TimeProvider time, ILogger<Disconnections> logger)
    : BackgroundService, IUnclaimedPublications
{
    /// <summary>No client can publish or subscribe there.</summary>
    public static readonly ChannelName Channel = ChannelName.OfGateways("disconnect");

    // A broker that is away answers at once; this is how long the gateway may not hear the others after its return.
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    // Far more than operators ask for: what comes beyond is lost instead of filling the memory.
    private const int MaxWaiting = 10_000;

    private readonly ILogger _logger = logger;
    private readonly Channel<Disconnect> _heard = System.Threading.Channels.Channel.CreateBounded<Disconnect>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private bool _isSubscribed;

    /// <summary>Closes those of this gateway. Returns how many.</summary>
    public int CloseHere(Disconnect disconnect)
    {
        var count = 0;
        foreach (var connection in registry.All)
        {
            if (connection.CloseReason is null && disconnect.Concerns(connection.Identity))
            {
                connection.Close(CloseReason.Forbidden);
                count++;
            }
        }

        if (count > 0)
        {
            LogClosed(count);
        }

        return count;
    }

    /// <summary>Tells all gateways. Those that are cut off from the broker at the moment do not hear it.</summary>
    public ValueTask<BrokerResult> TellAllAsync(Disconnect disconnect, CancellationToken cancellationToken) =>
        broker.PublishAsync(Channel, disconnect.Write(), cancellationToken);

    /// <summary>What the gateways tell each other. Closing is done on another thread than the broker's.</summary>
    public void Deliver(ChannelName channel, ReadOnlySpan<byte> payload)
    {
        if (channel != Channel)
        {
            return;
        }

        if (Disconnect.Read(payload) is { } disconnect)
        {
            _heard.Writer.TryWrite(disconnect);
        }
        else
        {
            LogNotUnderstood(payload.Length);
        }
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Where the broker is there, the gateway hears the others before it serves anybody.
        _isSubscribed = await TrySubscribeAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(SubscribeAsync(stoppingToken), CloseHeardAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops.
        }
    }

    /// <summary>A subscription that the broker has accepted survives its losses.</summary>
    private async Task SubscribeAsync(CancellationToken stoppingToken)
    {
        while (!_isSubscribed)
        {
            await Task.Delay(RetryInterval, time, stoppingToken);
            _isSubscribed = await TrySubscribeAsync(stoppingToken);
        }
    }

    private async Task<bool> TrySubscribeAsync(CancellationToken cancellationToken) =>
        await broker.SubscribeAsync(Channel, cancellationToken) is BrokerResult.Accepted;

    private async Task CloseHeardAsync(CancellationToken stoppingToken)
    {
        await foreach (var disconnect in _heard.Reader.ReadAllAsync(stoppingToken))
        {
            CloseHere(disconnect);
        }
    }
}
