using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace MessageBus.Gateway.Telemetry.Prometheus;

/// <summary>Listens to the instruments of MessageBus and of the runtime, and says what they have measured since it was made.</summary>
internal sealed class MetricsCollector : IDisposable
{
    /// <summary>Processor time, memory, garbage collections, threads.</summary>
    private const string RuntimeMeter = "System.Runtime";

    private readonly IMeterFactory _meters;
    private readonly MeterListener _listener;
    private readonly ConcurrentDictionary<Instrument, InstrumentSeries> _instruments = new();

    // One collection at a time: an observable instrument has no series while it is asked.
    private readonly Lock _collecting = new();

    public MetricsCollector(IMeterFactory meters)
    {
        _meters = meters;
        _listener = new MeterListener { InstrumentPublished = Follow, MeasurementsCompleted = (instrument, _) => Forget(instrument) };
        _listener.SetMeasurementEventCallback<double>((_, value, tags, series) => Record(value, tags, series));
        _listener.SetMeasurementEventCallback<float>((_, value, tags, series) => Record(value, tags, series));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, series) => Record(value, tags, series));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, series) => Record(value, tags, series));
        _listener.SetMeasurementEventCallback<short>((_, value, tags, series) => Record(value, tags, series));
        _listener.SetMeasurementEventCallback<byte>((_, value, tags, series) => Record(value, tags, series));
        _listener.SetMeasurementEventCallback<decimal>((_, value, tags, series) => Record((double)value, tags, series));
        _listener.Start();
    }

    /// <summary>By name. Where two instruments come to the same name, the first.</summary>
    public IReadOnlyList<MetricFamily> Collect()
    {
        lock (_collecting)
        {
            foreach (var series in _instruments.Values)
            {
                series.BeginCollection();
            }

            _listener.RecordObservableInstruments();
            return
            [
                .. _instruments.Values.Select(series => series.Collect()).Where(family => family.Samples.Count > 0)
                    .DistinctBy(family => family.Name.Family).OrderBy(family => family.Name.Family, StringComparer.Ordinal),
            ];
        }
    }

    public void Dispose() => _listener.Dispose();

    private static void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? series) => ((InstrumentSeries)series!).Record(value, tags);

    private void Forget(Instrument instrument) => _instruments.TryRemove(instrument, out _);

    private void Follow(Instrument instrument, MeterListener listener)
    {
        // Another gateway in the same process has the same meter from a factory of its own.
        var isOurs = instrument.Meter.Name == MessageBusTelemetry.MeterName && instrument.Meter.Scope == _meters;
        if (!isOurs && instrument.Meter.Name != RuntimeMeter)
        {
            return;
        }

        var series = new InstrumentSeries(instrument);
        if (isOurs && series.Kind is MetricKind.Histogram)
        {
            // Ours have no tags.
            series.BeginAtZero();
        }

        _instruments[instrument] = series;
        listener.EnableMeasurementEvents(instrument, series);
    }
}
