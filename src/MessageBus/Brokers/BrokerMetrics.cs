using System.Diagnostics.Metrics;
using MessageBus.Diagnostics;

namespace MessageBus.Brokers;

/// <summary>What a broker and those who watch it measure. Any thread.</summary>
public sealed class BrokerMetrics
{
    private readonly Histogram<double> _roundTrip;
    private long _losses;
    private long _resubscriptions;

    /// <summary>Creates the instruments.</summary>
    public BrokerMetrics(IMeterFactory meters)
    {
        var meter = meters.MessageBusMeter();
        _roundTrip = meter.CreateHistogram(
            "messagebus.broker.roundtrip.duration",
            "s",
            "From publishing a probe to receiving it, through the broker.",
            tags: null,
            Telemetry.Durations);
        meter.CreateObservableCounter(
            "messagebus.broker.losses", () => Interlocked.Read(ref _losses), "{loss}", "Losses of the broker.");
        meter.CreateObservableCounter(
            "messagebus.broker.resubscriptions",
            () => Interlocked.Read(ref _resubscriptions),
            "{channel}",
            "Channels subscribed again after a loss of the broker.");
    }

    /// <summary>A publication was heard back.</summary>
    /// <param name="duration">Since it was published.</param>
    public void RoundTrip(TimeSpan duration) => _roundTrip.Record(duration.TotalSeconds);

    /// <summary>The broker was lost.</summary>
    public void Lost() => Interlocked.Increment(ref _losses);

    /// <summary>Channels were subscribed again, and acknowledged, after the broker had been lost.</summary>
    public void Resubscribed(int channels) => Interlocked.Add(ref _resubscriptions, channels);
}
