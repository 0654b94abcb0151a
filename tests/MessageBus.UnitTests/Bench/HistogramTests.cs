using MessageBus.Bench.Load;

namespace MessageBus.UnitTests.Bench;

public class HistogramTests
{
    [Fact]
    public void Percentiles_are_at_most_two_percent_above_the_true_value()
    {
        var histogram = new Histogram();
        for (var value = 1; value <= 1_000_000; value++)
            histogram.Add(value);

        Assert.InRange(histogram.Percentile(0.5), 500_000, 510_000);
        Assert.InRange(histogram.Percentile(0.99), 990_000, 1_000_000);
        Assert.Equal(1_000_000, histogram.Percentile(1));
    }

    [Fact]
    public void Small_values_are_exact_and_none_is_too_large()
    {
        var histogram = new Histogram();

        histogram.Add(-5);
        histogram.Add(63);
        histogram.Add(long.MaxValue);

        Assert.Equal((0, 63, long.MaxValue), (histogram.Percentile(0.01), histogram.Percentile(0.5), histogram.Percentile(1)));
    }

    [Fact]
    public void An_empty_histogram_has_no_latency() => Assert.Equal(0, new Histogram().Percentile(0.99));
}
