using System.Diagnostics.Metrics;
using MessageBus.Gateway.Telemetry.Prometheus;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests.Gateway.Telemetry;

/// <summary>From instruments to the text that Prometheus reads, in both formats.</summary>
public sealed class ExpositionTests : IDisposable
{
    private readonly TestMeters _meters = new();
    private readonly Meter _meter;
    private readonly MetricsCollector _collector;

    public ExpositionTests()
    {
        _meter = _meters.Create(MessageBusTelemetry.MeterName);
        _collector = new MetricsCollector(_meters);
    }

    [Fact]
    public void Counter_is_written_as_each_format_wants_it()
    {
        var counter = _meter.CreateCounter<long>("messagebus.test.io", "By", "Bytes.");
        counter.Add(3, Tag("reason", "too_slow"));
        counter.Add(4, Tag("reason", "too_slow"));
        counter.Add(1, Tag("reason", "lost"));

        Assert.Equal(
            """
            # HELP messagebus_test_io_bytes_total Bytes.
            # TYPE messagebus_test_io_bytes_total counter
            messagebus_test_io_bytes_total{reason="lost"} 1
            messagebus_test_io_bytes_total{reason="too_slow"} 7

            """,
            Text(ExpositionFormat.PrometheusText));
        Assert.Equal(
            """
            # HELP messagebus_test_io_bytes Bytes.
            # TYPE messagebus_test_io_bytes counter
            # UNIT messagebus_test_io_bytes bytes
            messagebus_test_io_bytes_total{reason="lost"} 1
            messagebus_test_io_bytes_total{reason="too_slow"} 7
            # EOF

            """,
            Text(ExpositionFormat.OpenMetrics));
    }

    [Fact]
    public void Histogram_has_cumulative_buckets_with_inclusive_bounds()
    {
        var histogram = _meter.CreateHistogram("messagebus.test.duration", "s", "It.", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.00001, 0.5, 1] });
        foreach (var duration in new[] { 0.25, 0.5, 0.75, 30 })
        {
            histogram.Record(duration);
        }

        Assert.Equal(
            """
            # HELP messagebus_test_duration_seconds It.
            # TYPE messagebus_test_duration_seconds histogram
            # UNIT messagebus_test_duration_seconds seconds
            messagebus_test_duration_seconds_bucket{le="1e-05"} 0
            messagebus_test_duration_seconds_bucket{le="0.5"} 2
            messagebus_test_duration_seconds_bucket{le="1.0"} 3
            messagebus_test_duration_seconds_bucket{le="+Inf"} 4
            messagebus_test_duration_seconds_sum 31.5
            messagebus_test_duration_seconds_count 4
            # EOF

            """,
            Text(ExpositionFormat.OpenMetrics));
    }

    [Fact]
    public void Histogram_of_MessageBus_is_there_before_its_first_measurement()
    {
        _meter.CreateHistogram<double>("messagebus.test.duration", "s", "It.");

        Assert.Equal(0, Value(ExpositionFormat.PrometheusText, "messagebus_test_duration_seconds_count"));
    }

    [Fact]
    public void Help_and_label_values_are_escaped_so_that_they_are_read_back()
    {
        const string Awkward = "back\\slash, \"quoted\",\nnext line\\n {é}=";
        _meter.CreateObservableGauge("messagebus.test", () => new Measurement<int>(1, Tag("label", Awkward)), unit: null, Awkward);

        foreach (var format in Enum.GetValues<ExpositionFormat>())
        {
            var family = Assert.Single(Parse(format));
            Assert.Equal(Awkward, family.Help);
            Assert.Equal(Awkward, Assert.Single(family.Samples).Labels["label"]);
        }
    }

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(1e300, "1e+300")]
    [InlineData(-0.5, "-0.5")]
    [InlineData(123456789012, "123456789012")]
    public void Numbers_are_written_as_both_formats_write_them(double value, string text)
    {
        _meter.CreateObservableGauge("messagebus.test", () => value);

        Assert.Contains($"\nmessagebus_test {text}\n", Text(ExpositionFormat.PrometheusText), StringComparison.Ordinal);
        Assert.Equal(value, Value(ExpositionFormat.OpenMetrics, "messagebus_test"));
    }

    [Fact]
    public void Observed_instrument_says_what_there_is_at_each_collection()
    {
        var measurements = new List<Measurement<long>> { new(1, Tag("x", "a")), new(2, Tag("x", "b")) };
        _meter.CreateObservableUpDownCounter("messagebus.test", () => measurements);
        var first = Assert.Single(Parse(ExpositionFormat.OpenMetrics)).Samples;

        measurements.RemoveAt(0);
        var second = Assert.Single(Parse(ExpositionFormat.OpenMetrics)).Samples;

        Assert.Equal(["a", "b"], first.Select(sample => sample.Labels["x"]));
        Assert.Equal(["b"], second.Select(sample => sample.Labels["x"]));
    }

    [Fact]
    public void Order_of_tags_makes_no_other_series()
    {
        var counter = _meter.CreateCounter<int>("messagebus.test");

        counter.Add(1, Tag("a", 1), Tag("b", true));
        counter.Add(1, Tag("b", true), Tag("a", 1));

        Assert.Contains("messagebus_test_total{a=\"1\",b=\"True\"} 2\n", Text(ExpositionFormat.PrometheusText), StringComparison.Ordinal);
    }

    [Fact]
    public void Number_of_series_of_an_instrument_is_bounded()
    {
        var counter = _meter.CreateCounter<int>("messagebus.test");

        for (var i = 0; i < 5000; i++)
        {
            counter.Add(1, Tag("unbounded", i));
        }

        Assert.InRange(Assert.Single(Parse(ExpositionFormat.PrometheusText)).Samples.Count, 900, 1100);
    }

    [Fact]
    public void Meter_of_another_gateway_in_the_same_process_is_not_listened_to()
    {
        using var others = new TestMeters();
        others.Create(MessageBusTelemetry.MeterName).CreateObservableGauge("messagebus.other", () => 1);

        Assert.Empty(Text(ExpositionFormat.PrometheusText));
    }

    [Fact]
    public void Two_instruments_of_one_name_are_written_once()
    {
        _meter.CreateObservableGauge("messagebus.test.a", () => 1);
        _meter.CreateObservableGauge("messagebus.test_a", () => 1);

        Assert.Single(Parse(ExpositionFormat.OpenMetrics));
    }

    public void Dispose()
    {
        _collector.Dispose();
        _meters.Dispose();
    }

    private static KeyValuePair<string, object?> Tag(string name, object value) => new(name, value);

    /// <summary>Without the meter of the runtime, whose instruments are the framework's.</summary>
    private string Text(ExpositionFormat format) =>
        Exposition.Write(_collector.Collect().Where(family => family.Name.Family.StartsWith("messagebus", StringComparison.Ordinal)), format);

    private IReadOnlyList<ParsedFamily> Parse(ExpositionFormat format) => format is ExpositionFormat.OpenMetrics
        ? ExpositionParser.ParseOpenMetrics(Text(format))
        : ExpositionParser.ParsePrometheusText(Text(format));

    private double Value(ExpositionFormat format, string sample) => Parse(format).SelectMany(family => family.Samples).Single(one => one.Name == sample).Value;
}
