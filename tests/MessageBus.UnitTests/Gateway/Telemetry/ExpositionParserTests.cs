namespace MessageBus.UnitTests.Gateway.Telemetry;

/// <summary>The parser that the tests of the exporter rely on refuses what the specifications do.</summary>
public sealed class ExpositionParserTests
{
    private const string Good = "# TYPE a_seconds histogram\n# UNIT a_seconds seconds\n# HELP a_seconds It.\n"
        + "a_seconds_bucket{le=\"0.5\"} 1\na_seconds_bucket{le=\"+Inf\"} 2\na_seconds_sum 3.5\na_seconds_count 2\n# EOF\n";

    [Fact]
    public void Reads_what_is_right()
    {
        var family = Assert.Single(ExpositionParser.ParseOpenMetrics(Good));

        Assert.Equal(("a_seconds", "histogram", "seconds", "It."), (family.Name, family.Type, family.Unit, family.Help));
        Assert.Equal(4, family.Samples.Count);
        Assert.Equal("0.5", family.Samples[0].Labels["le"]);
        Assert.Equal(3.5, family.Samples[2].Value);
    }

    [Theory]
    [InlineData("# EOF\n", "")]
    [InlineData("# EOF\n", "# EOF")]
    [InlineData("# EOF\n", "# EOF\n\n")]
    [InlineData("a_seconds_sum 3.5\n", "")]
    [InlineData("a_seconds_sum 3.5\n", "a_seconds_sum 3.5\n\n")]
    [InlineData("a_seconds_sum 3.5\n", "a_seconds_sum 3.5\na_seconds_sum 3.5\n")]
    [InlineData("a_seconds_sum 3.5\n", "a_seconds_sum  3.5\n")]
    [InlineData("a_seconds_sum 3.5\n", "a_seconds_sum 3,5\n")]
    [InlineData("a_seconds_sum 3.5\n", "a_seconds 3.5\n")]
    [InlineData("a_seconds_sum 3.5\n", "b 3.5\n")]
    [InlineData("a_seconds_count 2\n", "a_seconds_count 1\n")]
    [InlineData("le=\"0.5\"} 1", "le=\"0.5\"} 3")]
    [InlineData("le=\"0.5\"", "le=\"5\"")]
    [InlineData("le=\"0.5\"", "le='0.5'")]
    [InlineData("le=\"0.5\"", "le=\"0.5\",")]
    [InlineData("le=\"0.5\"", "le=\"0.5\",le=\"0.6\"")]
    [InlineData("le=\"0.5\"", "le=\"0.5\",x=\"\\t\"")]
    [InlineData("a_seconds_bucket{le=\"+Inf\"} 2\n", "")]
    [InlineData("# UNIT a_seconds seconds", "# UNIT a_seconds bytes")]
    [InlineData("# HELP a_seconds It.", "# HELP a_seconds \"It\".")]
    [InlineData("# HELP a_seconds It.\n", "# HELP a_seconds It.\n# HELP a_seconds It.\n")]
    [InlineData("# HELP a_seconds It.\n", "# It.\n")]
    [InlineData("# TYPE a_seconds histogram\n", "")]
    [InlineData("# TYPE a_seconds histogram", "# TYPE a_seconds meter")]
    public void Refuses_what_is_not(string right, string wrong)
    {
        Assert.Throws<FormatException>(() => ExpositionParser.ParseOpenMetrics(Good.Replace(right, wrong, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("# TYPE a counter\na 1\n# UNIT a b\n")]
    [InlineData("# TYPE a counter\na -1\n")]
    [InlineData("# TYPE a counter\na_total 1\n")]
    [InlineData("# TYPE a counter\na 1\n# TYPE b gauge\nb 1\n# TYPE a counter\na{x=\"1\"} 1\n")]
    [InlineData("# HELP a \\\"It\\\".\n# TYPE a gauge\na 1\n")]
    public void Refuses_what_is_not_in_the_text_format(string wrong)
    {
        Assert.Throws<FormatException>(() => ExpositionParser.ParsePrometheusText(wrong));
    }
}
