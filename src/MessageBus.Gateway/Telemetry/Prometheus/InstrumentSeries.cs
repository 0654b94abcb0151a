using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace MessageBus.Gateway.Telemetry.Prometheus;

/// <summary>What one instrument has measured so far: a series for each set of tags. Any thread.</summary>
internal sealed class InstrumentSeries
{
    // More than any instrument of ours can have: a tag that turned out to be unbounded must not eat the memory of the gateway.
    private const int MaxSeries = 1000;

    private readonly Instrument _instrument;
    private readonly bool _isSum;
    private readonly double[] _bounds;
    private readonly ConcurrentDictionary<string, Series> _series = new(StringComparer.Ordinal);

    // Nearly all measurements that are frequent have no tags.
    private Series? _untagged;

    public InstrumentSeries(Instrument instrument)
    {
        _instrument = instrument;
        var type = instrument.GetType().GetGenericTypeDefinition();
        Kind = KindOf(type);
        Name = PrometheusName.Of(instrument.Name, instrument.Unit, Kind);
        _isSum = type == typeof(Counter<>) || type == typeof(UpDownCounter<>);
        _bounds = Kind is MetricKind.Histogram ? HistogramSeries.BoundsOf(instrument) : [];
    }

    public PrometheusName Name { get; }

    public MetricKind Kind { get; }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
        {
            (_untagged ?? UntaggedSeries()).Add(value);
        }
        else if (SeriesOf(LabelText.Of(tags)) is { } series)
        {
            series.Add(value);
        }
    }

    /// <summary>An observable instrument says anew at each collection what there is.</summary>
    public void BeginCollection()
    {
        if (_instrument.IsObservable)
        {
            _untagged = null;
            _series.Clear();
        }
    }

    /// <summary>There before the first measurement, so that a rate can be taken of it. Only for instruments that never have tags.</summary>
    public void BeginAtZero() => UntaggedSeries();

    public MetricFamily Collect()
    {
        var samples = new List<Sample>();
        foreach (var (labels, series) in _series.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            series.AppendTo(samples, labels);
        }

        return new MetricFamily(Name, Kind, _instrument.Description ?? "", samples);
    }

    private Series UntaggedSeries() => _untagged = SeriesOf("")!;

    private Series? SeriesOf(string labels) =>
        _series.TryGetValue(labels, out var series) ? series
        : _series.Count < MaxSeries ? _series.GetOrAdd(labels, static (_, owner) => owner.NewSeries(), this)
        : null;

    private Series NewSeries() => Kind is MetricKind.Histogram ? new HistogramSeries(_bounds) : new NumberSeries(Kind, _isSum);

    private static MetricKind KindOf(Type type) =>
        type == typeof(Histogram<>) ? MetricKind.Histogram
        : type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter
        : MetricKind.Gauge;
}
