namespace MessageBus.Gateway.Telemetry.Prometheus;

/// <summary>A counter or a gauge. <paramref name="isSum"/>: it is told of changes; otherwise of what there is.</summary>
internal sealed class NumberSeries(MetricKind kind, bool isSum) : Series
{
    // Guards _value.
    private readonly Lock _gate = new();
    private double _value;

    public override void Add(double measured)
    {
        lock (_gate)
        {
            _value = isSum ? _value + measured : measured;
        }
    }

    public override void AppendTo(List<Sample> samples, string labels)
    {
        lock (_gate)
        {
            samples.Add(new Sample(kind is MetricKind.Counter ? "_total" : "", labels, _value));
        }
    }
}
