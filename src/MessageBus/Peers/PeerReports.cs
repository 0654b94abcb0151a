using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Protocol;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MessageBus.Peers;

/// <summary>
/// Tells the other gateways now and then how this one is, over a reserved channel of the broker, and hears them there. That is one small publication per
/// gateway and interval, whatever the gateway does. While the broker is away nothing is said, and nobody is heard.
/// </summary>
internal sealed partial class PeerReports(
    OwnReport own, PeerTable peers, IBroker broker, IOptions<MessageBusOptions> options, TimeProvider time, ILogger<PeerReports> logger)
    : BackgroundService, IUnclaimedPublications
{
    /// <summary>No client can publish or subscribe there.</summary>
    public static readonly ChannelName Channel = ChannelName.OfGateways("gateways");

    // Nonsense comes from somebody's mistake, or from somebody who wants a full log.
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);

    private readonly ILogger _logger = logger;
    private bool _isSubscribed;
    private bool _hasSaidGoodbye;
    private long? _warnedAt;

    /// <summary>What the gateways tell each other. The broker brings one after the other.</summary>
    public void Deliver(ChannelName channel, ReadOnlySpan<byte> payload)
    {
        if (channel != Channel)
        {
            return;
        }

        var report = GatewayReport.Read(payload);
        if (report?.Id == own.Id)
        {
            return;
        }

        if (report is null || !peers.Hear(report))
        {
            WarnNowAndThen(payload.Length);
        }
    }

    /// <summary>The others need not find out by themselves that this gateway is gone. May be called again, and after the end.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_isSubscribed && !Interlocked.Exchange(ref _hasSaidGoodbye, true))
        {
            await broker.PublishAsync(Channel, (own.Now() with { Phase = GatewayPhase.Stopped }).Write(), cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var intervals = new PeriodicTimer(options.Value.PeerInterval, time);
        try
        {
            do
            {
                await ReportAsync(stoppingToken);
            }
            while (await intervals.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops.
        }
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A subscription that the broker has accepted survives its losses.
            _isSubscribed = _isSubscribed || await broker.SubscribeAsync(Channel, cancellationToken) is BrokerResult.Accepted;
            if (_isSubscribed)
            {
                await broker.PublishAsync(Channel, own.Now().Write(), cancellationToken);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The next one may pass; operators see a gateway that is missing.
            LogFailed(e);
        }
    }

    private void WarnNowAndThen(int bytes)
    {
        if (_warnedAt is not { } last || time.GetElapsedTime(last) >= BetweenWarnings)
        {
            _warnedAt = time.GetTimestamp();
            LogNotUnderstood(bytes);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What came on the gateways' channel for reports is no such report, or of one gateway too many: {Bytes} bytes. Said once a minute at most.")]
    private partial void LogNotUnderstood(int bytes);

    [LoggerMessage(Level = LogLevel.Error, Message = "Telling the other gateways failed; the gateway tries again.")]
    private partial void LogFailed(Exception exception);
}
