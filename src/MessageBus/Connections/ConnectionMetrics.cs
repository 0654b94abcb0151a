using System.Diagnostics.Metrics;
using MessageBus.Diagnostics;
using MessageBus.Protocol;
using Microsoft.Extensions.Hosting;

namespace MessageBus.Connections;

/// <summary>The instruments over what is counted of connections and their commands. They are read when somebody collects, and free until then.</summary>
internal sealed class ConnectionMetrics(IMeterFactory meters, ConnectionCounters connections, CommandDispatcher commands) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var meter = meters.MessageBusMeter();
        meter.CreateObservableUpDownCounter(
            "messagebus.connections.active", () => connections.Active, "{connection}", "Open connections.");
        meter.CreateObservableCounter("messagebus.connections.opened", () => connections.Opened, "{connection}", "Accepted connections.");
        meter.CreateObservableCounter(
            "messagebus.connections.closed",
            () => Telemetry.Measure(connections.Closed, "reason", Telemetry.TagValue),
            "{connection}",
            "Connections that have ended, by the first reason.");
        meter.CreateObservableCounter(
            "messagebus.handshakes.rejected",
            () => Telemetry.Measure(connections.Rejected, "http.response.status_code", status => status),
            "{handshake}",
            "Refused WebSocket requests, by status code.");
        meter.CreateObservableCounter(
            "messagebus.commands",
            () => commands.Results.Counts.Select(pair => new Measurement<long>(
                pair.Value,
                new KeyValuePair<string, object?>("type", pair.Key.Type),
                new KeyValuePair<string, object?>("result", pair.Key.Error?.WireName() ?? "ok"))),
            "{command}",
            "Commands of clients by type (`invalid` if not understood) and result (`ok` or the error code). A refused subscription of a connect counts as subscribe.");
        return Task.CompletedTask;
    }

    /// <summary>The instruments end with their meter, which is the factory's.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
