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
            "messagebus.broker.up", () => broker.State is BrokerState.Up ? 1 : 0, unit: null, "1 while publications pass through the broker, 0 while they do not.");
        return Task.CompletedTask;
    }

    /// <summary>The instruments end with their meter, which is the factory's.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void AddConnections(Meter meter)
    {
        meter.CreateObservableUpDownCounter(
            "messagebus.connections.active", () => connections.Opened - connections.Closed.Total, "{connection}", "Open connections.");
        meter.CreateObservableCounter("messagebus.connections.opened", () => connections.Opened, "{connection}", "Connections that were accepted.");
        meter.CreateObservableCounter(
            "messagebus.connections.closed",
            () => Measure(connections.Closed, "reason", MessageBusTelemetry.TagValue),
            "{connection}",
            "Connections that have ended, by the reason of whoever was first.");
        meter.CreateObservableCounter(
            "messagebus.handshakes.rejected",
            () => Measure(connections.Rejected, "http.response.status_code", status => status),
            "{handshake}",
            "Requests for a WebSocket that were refused, by status code.");
    }

    private void AddCommands(Meter meter) => meter.CreateObservableCounter(
        "messagebus.commands",
        () => commands.Results.Counts.Select(pair => new Measurement<long>(
            pair.Value,
            new KeyValuePair<string, object?>("type", pair.Key.Type),
            new KeyValuePair<string, object?>("result", pair.Key.Error?.WireName() ?? "ok"))),
        "{command}",
        "Commands of clients by type, `invalid` where it was not understood, and result: `ok`, or the code of the error. A subscription that is refused to a connect counts as subscribe.");

    private void AddPublications(Meter meter)
    {
        meter.CreateObservableCounter(
            "messagebus.publications.received",
            () => publications.Received,
            "{publication}",
            "Publications that the broker has brought, on channels with subscriptions here.");
        meter.CreateObservableCounter(
            "messagebus.publications.undeliverable",
            () => publications.Undeliverable,
            "{publication}",
            "Publications larger than what may wait for a connection; their subscribers were told of a gap.");
        meter.CreateObservableCounter(
            "messagebus.publications.sent",
            () => publications.Sent.Counts.Select(pair => new Measurement<long>(
                pair.Value,
                new KeyValuePair<string, object?>("source", MessageBusTelemetry.TagValue(pair.Key.Source)),
                new KeyValuePair<string, object?>("result", MessageBusTelemetry.TagValue(pair.Key.Result)))),
            "{publication}",
            "Publications of clients and of the API that were passed to the broker, by what became of it.");
    }

    private void AddDelivery(Meter meter)
    {
        meter.CreateObservableUpDownCounter("messagebus.channels.active", () => directory.Count, "{channel}", "Channels that the gateway is subscribed to at the broker.");
        meter.CreateObservableUpDownCounter("messagebus.subscriptions.active", () => Sum(loop => loop.Subscriptions), "{subscription}", "Subscriptions of all connections.");
        meter.CreateObservableCounter("messagebus.deliveries", () => Sum(loop => loop.Deliveries), "{delivery}", "Publications times the subscriptions they were given to.");
        meter.CreateObservableCounter("messagebus.delivery.frames", () => Sum(loop => loop.Frames), "{frame}", "WebSocket frames of any kind that connections have taken.");
        meter.CreateObservableCounter(
            "messagebus.delivery.flushes", () => Sum(loop => loop.Flushes), "{flush}", "How often connections took frames: frames divided by this is how many were coalesced.");
        meter.CreateObservableCounter("messagebus.delivery.io", () => Sum(loop => loop.Bytes), "By", "Bytes of the frames that connections have taken, before TLS.");
        meter.CreateObservableUpDownCounter(
            "messagebus.connections.blocked", () => Sum(loop => loop.Blocked), "{connection}", "Connections with a write under way that their transport has not taken, twice a second.");
        meter.CreateObservableUpDownCounter(
            "messagebus.delivery.backlog.size", () => Sum(loop => loop.Backlog), "By", "Bytes that wait for blocked connections, twice a second.");
        meter.CreateObservableGauge(
            "messagebus.delivery.backlog.largest", () => Largest(loop => loop.LargestBacklog), "By", "The most that waits for one connection, twice a second.");
        meter.CreateObservableGauge(
            "messagebus.delivery.backlog.limit", () => options.Value.MaxBacklogBytes, "By", "What may wait for one connection (MaxBacklogBytes); beyond it the connection is closed.");
        meter.CreateObservableCounter("messagebus.gaps", Gaps, "{gap}", "Connections that were told that messages may be missing, by reason.");
    }

    private IEnumerable<Measurement<long>> Gaps() =>
        Measure(publications.Gaps, "reason", GapReasonNames.WireName)
            .Append(new Measurement<long>(
                Sum(loop => loop.Gaps), new KeyValuePair<string, object?>("reason", GapReasonNames.WireName(GapReason.BrokerReconnected))));

    private static IEnumerable<Measurement<long>> Measure<TTag>(Tally<TTag> tally, string tag, Func<TTag, object> value)
        where TTag : notnull =>
        tally.Counts.Select(pair => new Measurement<long>(pair.Value, new KeyValuePair<string, object?>(tag, value(pair.Key))));

    private long Sum(Func<LoopCounters, long> of)
    {
        var sum = 0L;
        foreach (var loop in loops.All)
        {
            sum += of(loop.Counters);
        }

        return sum;
    }

    private long Largest(Func<LoopCounters, long> of)
    {
        var largest = 0L;
        foreach (var loop in loops.All)
        {
            largest = Math.Max(largest, of(loop.Counters));
        }

        return largest;
    }
}
