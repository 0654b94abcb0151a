using System.Diagnostics.Metrics;

namespace MessageBus.Gateway.Telemetry.Prometheus;

/// <summary>A histogram: how many measurements were at most each bound, and their sum.</summary>
/// <param name="bounds">Ascending; a last one of infinity is implied.</param>
internal sealed class HistogramSeries(double[] bounds) : Series
{
    // Those that OpenTelemetry takes where an instrument does not say.
    private static readonly double[] DefaultBounds = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

    // Guards what follows. Taken once a turn of a loop at most.
    private readonly Lock _gate = new();
    private readonly long[] _counts = new long[bounds.Length + 1];
    private double _sum;

    public static double[] BoundsOf(Instrument instrument) =>
        instrument is Histogram<double> { Advice.HistogramBucketBoundaries: { } advised } ? [.. advised] : DefaultBounds;

    public override void Add(double measured)
    {
        // A bound is inclusive: the bucket of a measurement that equals one is that one's.
        var found = Array.BinarySearch(bounds, measured);
        lock (_gate)
        {
            _counts[found < 0 ? ~found : found]++;
            _sum += measured;
        }
    }

    public override void AppendTo(List<Sample> samples, string labels)
    {
        var separated = labels.Length is 0 ? "" : labels + ",";
        lock (_gate)
        {
            var count = 0L;
            for (var i = 0; i < _counts.Length; i++)
            {
                count += _counts[i];
                var bound = i < bounds.Length ? SampleNumber.Bound(bounds[i]) : SampleNumber.PositiveInfinity;
                samples.Add(new Sample("_bucket", $"{separated}le=\"{bound}\"", count));
            }

            samples.Add(new Sample("_sum", labels, _sum));
            samples.Add(new Sample("_count", labels, count));
        }
    }
}
