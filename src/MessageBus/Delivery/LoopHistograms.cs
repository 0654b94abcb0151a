using System.Diagnostics.Metrics;

namespace MessageBus.Delivery;

/// <summary>How long things take in the loops. Recorded once a turn, never for each delivery.</summary>
internal sealed class LoopHistograms
{
    private readonly Histogram<double> _delay;
    private readonly Histogram<double> _turn;

    public LoopHistograms(IMeterFactory meters)
    {
        var meter = meters.MessageBusMeter();
        _delay = meter.CreateHistogram(
            "messagebus.delivery.delay",
            "s",
            "From the arrival of a publication to the end of the writes to its subscribers, for the first publication of each turn of a loop.",
            tags: null,
            MessageBusTelemetry.Durations);
        _turn = meter.CreateHistogram(
            "messagebus.loop.turn.duration",
            "s",
            "One turn of a delivery loop: processing its inbox and the resulting writes.",
            tags: null,
            MessageBusTelemetry.Durations);
    }

    public void Delivered(TimeSpan delay) => _delay.Record(delay.TotalSeconds);

    public void Turned(TimeSpan duration) => _turn.Record(duration.TotalSeconds);
}
