using System.Diagnostics.Metrics;
using MessageBus.Brokers;
using MessageBus.Diagnostics;
using MessageBus.Limits;
using MessageBus.Protocol;
using Microsoft.Extensions.Hosting;

namespace MessageBus.Delivery;

/// <summary>
/// The instruments over what is counted of publications and loops, and over the broker. They are read when somebody collects, and free until then. No tag has a value that a client
/// can choose, so that their number is bounded.
/// </summary>
internal sealed class DeliveryMetrics(
    IMeterFactory meters, IBroker broker, ChannelDirectory directory, DeliveryLoops loops, PublicationCounters publications, LimitOptions limits) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var meter = meters.MessageBusMeter();
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
                new KeyValuePair<string, object?>("source", Telemetry.TagValue(pair.Key.Source)),
                new KeyValuePair<string, object?>("result", Telemetry.TagValue(pair.Key.Result)))),
            "{publication}",
            "Publications of clients and of the API, by source and result at the broker.");
        meter.CreateObservableUpDownCounter("messagebus.channels.active", () => directory.Count, "{channel}", "Channels to which the gateway is subscribed at the broker.");
        meter.CreateObservableUpDownCounter("messagebus.subscriptions.active", () => loops.Sum(loop => loop.Subscriptions), "{subscription}", "Subscriptions of all connections.");
        meter.CreateObservableCounter("messagebus.deliveries", () => loops.Sum(loop => loop.Deliveries), "{delivery}", "Publications times the subscriptions that received them.");
        meter.CreateObservableCounter("messagebus.delivery.frames", () => loops.Sum(loop => loop.Messages), "{frame}", "WebSocket frames of any kind written to connections.");
        meter.CreateObservableCounter(
            "messagebus.delivery.flushes", () => loops.Sum(loop => loop.Flushes), "{flush}", "Writes to connections; frames divided by flushes is the number of coalesced frames.");
        meter.CreateObservableCounter("messagebus.delivery.io", () => loops.Sum(loop => loop.Bytes), "By", "Bytes of the frames written to connections, before TLS.");
        meter.CreateObservableUpDownCounter(
            "messagebus.connections.blocked", () => loops.Sum(loop => loop.Blocked), "{connection}", "Connections with an unfinished write, sampled twice a second.");
        meter.CreateObservableUpDownCounter(
            "messagebus.delivery.backlog.size", () => loops.Sum(loop => loop.Backlog), "By", "Bytes in the backlogs of blocked connections, sampled twice a second.");
        meter.CreateObservableGauge(
            "messagebus.delivery.backlog.largest", () => Largest(loop => loop.LargestBacklog), "By", "The largest backlog of one connection, sampled twice a second.");
        meter.CreateObservableGauge(
            "messagebus.delivery.backlog.limit", () => limits.MaxBacklogBytes, "By", "The backlog limit of one connection (MaxBacklogBytes); beyond it the connection is closed.");
        meter.CreateObservableCounter("messagebus.gaps", Gaps, "{gap}", "Gaps sent to connections, by reason.");
        meter.CreateObservableGauge(
            "messagebus.broker.up", () => broker.State is BrokerState.Up ? 1 : 0, unit: null, "1 while publications pass through the broker, otherwise 0.");
        return Task.CompletedTask;
    }

    /// <summary>The instruments end with their meter, which is the factory's.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<Measurement<long>> Gaps() =>
        Telemetry.Measure(publications.Gaps, "reason", GapReasonNames.WireName)
            .Append(new Measurement<long>(
                loops.Sum(loop => loop.Gaps), new KeyValuePair<string, object?>("reason", GapReasonNames.WireName(GapReason.BrokerReconnected))));

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
