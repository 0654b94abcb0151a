using System.Diagnostics.Metrics;
using MessageBus.Brokers;
using MessageBus.Connections;
using MessageBus.Delivery;
using MessageBus.Protocol;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MessageBus.Diagnostics;

/// <summary>
/// The instruments over what the parts of the gateway count for themselves: read when somebody collects, and free until then. No tag has a value
/// that a client can choose, so that their number is bounded.
/// </summary>
internal sealed class GatewayMetrics(
    IMeterFactory meters,
    IBroker broker,
    ChannelDirectory directory,
    DeliveryLoops loops,
    PublicationCounters publications,
    ConnectionCounters connections,
    CommandDispatcher commands,
    IOptions<MessageBusOptions> options) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var meter = meters.MessageBusMeter();
        AddConnections(meter);
        AddCommands(meter);
        AddPublications(meter);
        AddDelivery(meter);
        meter.CreateObservableGauge(
            "messagebus.broker.up", () => broker.State is BrokerState.Up ? 1 : 0, unit: null, "1 while publications pass through the broker, otherwise 0.");
        return Task.CompletedTask;
    }

    /// <summary>The instruments end with their meter, which is the factory's.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void AddConnections(Meter meter)
    {
        meter.CreateObservableUpDownCounter(
            "messagebus.connections.active", () => connections.Opened - connections.Closed.Total, "{connection}", "Open connections.");
        meter.CreateObservableCounter("messagebus.connections.opened", () => connections.Opened, "{connection}", "Accepted connections.");
        meter.CreateObservableCounter(
            "messagebus.connections.closed",
            () => Measure(connections.Closed, "reason", MessageBusTelemetry.TagValue),
            "{connection}",
            "Connections that have ended, by the first reason.");
        meter.CreateObservableCounter(
            "messagebus.handshakes.rejected",
            () => Measure(connections.Rejected, "http.response.status_code", status => status),
            "{handshake}",
            "Refused WebSocket requests, by status code.");
    }

    private void AddCommands(Meter meter) => meter.CreateObservableCounter(
        "messagebus.commands",
        () => commands.Results.Counts.Select(pair => new Measurement<long>(
            pair.Value,
            new KeyValuePair<string, object?>("type", pair.Key.Type),
            new KeyValuePair<string, object?>("result", pair.Key.Error?.WireName() ?? "ok"))),
        "{command}",
        "Commands of clients by type (`invalid` if not understood) and result (`ok` or the error code). A refused subscription of a connect counts as subscribe.");

    private void AddPublications(Meter meter)
    {
        meter.CreateObservableCounter(
            "messagebus.publications.received",
            () => publications.Received,
            "{publication}",
            "Publications from the broker on channels with subscriptions on this gateway.");
        meter.CreateObservableCounter(
            "messagebus.publications.undeliverable",
            () => publications.Undeliverable,
            "{publication}",
            "Publications larger than the backlog limit; their subscribers received a gap.");
        meter.CreateObservableCounter(
            "messagebus.publications.sent",
            () => publications.Sent.Counts.Select(pair => new Measurement<long>(
                pair.Value,
                new KeyValuePair<string, object?>("source", MessageBusTelemetry.TagValue(pair.Key.Source)),
                new KeyValuePair<string, object?>("result", MessageBusTelemetry.TagValue(pair.Key.Result)))),
            "{publication}",
            "Publications of clients and of the API, by source and result at the broker.");
    }

    private void AddDelivery(Meter meter)
    {
        meter.CreateObservableUpDownCounter("messagebus.channels.active", () => directory.Count, "{channel}", "Channels to which the gateway is subscribed at the broker.");
        meter.CreateObservableUpDownCounter("messagebus.subscriptions.active", () => Sum(loop => loop.Subscriptions), "{subscription}", "Subscriptions of all connections.");
        meter.CreateObservableCounter("messagebus.deliveries", () => Sum(loop => loop.Deliveries), "{delivery}", "Publications times the subscriptions that received them.");
        meter.CreateObservableCounter("messagebus.delivery.frames", () => Sum(loop => loop.Messages), "{frame}", "WebSocket frames of any kind written to connections.");
        meter.CreateObservableCounter(
            "messagebus.delivery.flushes", () => Sum(loop => loop.Flushes), "{flush}", "Writes to connections; frames divided by flushes is the number of coalesced frames.");
        meter.CreateObservableCounter("messagebus.delivery.io", () => Sum(loop => loop.Bytes), "By", "Bytes of the frames written to connections, before TLS.");
        meter.CreateObservableUpDownCounter(
            "messagebus.connections.blocked", () => Sum(loop => loop.Blocked), "{connection}", "Connections with an unfinished write, sampled twice a second.");
        meter.CreateObservableUpDownCounter(
            "messagebus.delivery.backlog.size", () => Sum(loop => loop.Backlog), "By", "Bytes in the backlogs of blocked connections, sampled twice a second.");
        meter.CreateObservableGauge(
            "messagebus.delivery.backlog.largest", () => Largest(loop => loop.LargestBacklog), "By", "The largest backlog of one connection, sampled twice a second.");
        meter.CreateObservableGauge(
            "messagebus.delivery.backlog.limit", () => options.Value.MaxBacklogBytes, "By", "The backlog limit of one connection (MaxBacklogBytes); beyond it the connection is closed.");
        meter.CreateObservableCounter("messagebus.gaps", Gaps, "{gap}", "Gaps sent to connections, by reason.");
    }

    private IEnumerable<Measurement<long>> Gaps() =>
        Measure(publications.Gaps, "reason", GapReasonNames.WireName)
            .Append(new Measurement<long>(
                Sum(loop => loop.Gaps), new KeyValuePair<string, object?>("reason", GapReasonNames.WireName(GapReason.BrokerReconnected))));

    private static IEnumerable<Measurement<long>> Measure<TTag>(Tally<TTag> tally, string tag, Func<TTag, object> value)
        where TTag : notnull =>
        tally.Counts.Select(pair => new Measurement<long>(pair.Value, new KeyValuePair<string, object?>(tag, value(pair.Key))));

    private long Sum(Func<LoopMeter, long> of)
    {
        var sum = 0L;
        foreach (var loop in loops.All)
        {
            sum += of(loop.Meter);
        }

        return sum;
    }

    private long Largest(Func<LoopMeter, long> of)
    {
        var largest = 0L;
        foreach (var loop in loops.All)
        {
            largest = Math.Max(largest, of(loop.Meter));
        }

        return largest;
    }
}
