using MessageBus.Brokers;
using MessageBus.Connections;
using MessageBus.Delivery;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MessageBus;

/// <summary>
/// Starts what runs beside the requests, and ends it in order: connections first, while the server still carries them,
/// then the broker, then the loops.
/// </summary>
internal sealed partial class MessageBusLifetime(
    IBroker broker,
    DeliveryLoops loops,
    ChannelDirectory directory,
    ConnectionRegistry registry,
    IOptions<MessageBusOptions> options,
    ILogger<MessageBusLifetime> logger) : IHostedLifecycleService
{
    private readonly ILogger _logger = logger;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        loops.Start(onTick: directory.Sweep);
        await broker.StartAsync(new BrokerDeliveries(directory, loops, options.Value), cancellationToken);
        if (options.Value.AllowAnonymous is true)
        {
            LogOpen();
        }
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => registry.CloseAllAsync().WaitAsync(cancellationToken);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await directory.StopAsync();
            await broker.StopAsync(cancellationToken);
        }
        finally
        {
            loops.Stop();
        }
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Open to everybody: connections and API calls need no authentication (MessageBus:AllowAnonymous).")]
    private partial void LogOpen();
}
