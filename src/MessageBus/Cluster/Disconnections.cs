using MessageBus.Brokers;
using MessageBus.Connections;
using MessageBus.Protocol;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MessageBus.Cluster;

/// <summary>
/// Ends connections for an operator, on every gateway: here at once, elsewhere through a control channel that all gateways are subscribed to.
/// They are closed with <see cref="CloseReason.Forbidden"/>, and nothing that waits for them is sent. Any thread.
/// </summary>
internal sealed partial class Disconnections(ConnectionRegistry registry, ControlChannels control, ILogger<Disconnections> logger) : IHostedService
{
    private const string Channel = "disconnect";

    private readonly ILogger _logger = logger;

    /// <summary>Where the broker is there, the gateway hears the others before it serves anybody.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => control.SubscribeAsync(Channel, Hear, cancellationToken);

    /// <summary>The subscription ends with the control channels.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

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
        control.PublishAsync(Channel, disconnect.Write(), cancellationToken);

    private void Hear(ReadOnlyMemory<byte> payload)
    {
        if (Disconnect.Read(payload.Span) is { } disconnect)
        {
            CloseHere(disconnect);
        }
        else
        {
            LogNotUnderstood(payload.Length);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "An operator has disconnected {Count} connections of this gateway.")]
    private partial void LogClosed(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What came on the gateways' channel for disconnecting is no such message: {Bytes} bytes.")]
    private partial void LogNotUnderstood(int bytes);
}
