using MessageBus.Brokers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MessageBus.Cluster;

/// <summary>
/// Tells the other gateways now and then how this one is, over a control channel, and hears them there. That is one small publication per
/// gateway and interval, whatever the gateway does. While the broker is away nothing is said, and nobody is heard.
/// </summary>
internal sealed partial class PeerReports(
    OwnReport own, PeerTable peers, ControlChannels control, ClusterOptions options, TimeProvider time, ILogger<PeerReports> logger)
    : BackgroundService
{
    private const string Channel = "gateways";

    // Nonsense comes from somebody's mistake, or from somebody who wants a full log.
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);

    private readonly ILogger _logger = logger;
    private ControlSubscription? _subscription;
    private bool _hasSaidGoodbye;
    private long? _warnedAt;

    /// <summary>The others need not find out by themselves that this gateway is gone. May be called again, and after the end.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_subscription is { IsAccepted: true } && !Interlocked.Exchange(ref _hasSaidGoodbye, true))
        {
            await control.PublishAsync(Channel, (own.Now() with { Phase = GatewayPhase.Stopped }).Write(), cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var intervals = new PeriodicTimer(options.ReportInterval, time);
        try
        {
            _subscription = await control.SubscribeAsync(Channel, Hear, stoppingToken);
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
            // What nobody hears in return is not said.
            if (_subscription is { IsAccepted: true })
            {
                await control.PublishAsync(Channel, own.Now().Write(), cancellationToken);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The next one may pass; operators see a gateway that is missing.
            LogFailed(e);
        }
    }

    private void Hear(ReadOnlyMemory<byte> payload)
    {
        var report = GatewayReport.Read(payload.Span);
        if (report?.Id != own.Id && (report is null || !peers.Hear(report)))
        {
            WarnNowAndThen(payload.Length);
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
