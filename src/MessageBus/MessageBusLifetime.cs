using MessageBus.Access;
using MessageBus.Brokers;
using MessageBus.Connections;
using MessageBus.Delivery;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MessageBus;

/// <summary>
/// Starts what runs beside the requests, and ends it in order: connections first (<see cref="Drain"/>), while the server still carries them,
/// then the broker, then the loops.
/// </summary>
internal sealed partial class MessageBusLifetime(
    IBroker broker,
    BrokerDeliveries deliveries,
    DeliveryLoops loops,
    ChannelDirectory directory,
    Drain drain,
    ControlChannels control,
    BrokerProbe probe,
    ChannelAccess access,
    AccessOptions options,
    ILogger<MessageBusLifetime> logger) : IHostedLifecycleService
{
    private readonly ILogger _logger = logger;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        loops.Start(onTick: directory.Sweep);
        await broker.StartAsync(control.Before(deliveries), cancellationToken);
        probe.Start();
        if (access.IsOpen)
        {
            LogOpen();
        }
        else if (options.AllowAnonymous is true)
        {
            LogAnonymous();
        }
        else if (access.IsClosed)
        {
            LogClosed();
        }
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => drain.RunAsync(cancellationToken);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await probe.StopAsync();
            await control.StopAsync();
            await directory.StopAsync();
            await broker.StopAsync(cancellationToken);
        }
        finally
        {
            loops.Stop();
        }
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Open to everybody: connections and publications need no authentication (MessageBus:AllowAnonymous), and there are no rules for channels (MessageBus:Channels).")]
    private partial void LogOpen();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connections and publications need no authentication (MessageBus:AllowAnonymous). The rules for channels hold.")]
    private partial void LogAnonymous();

    [LoggerMessage(Level = LogLevel.Warning, Message = "There are no rules for channels (MessageBus:Channels): all are closed, but for rights in tokens.")]
    private partial void LogClosed();
}
