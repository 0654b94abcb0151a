using MessageBus.Gateway.Telemetry.Prometheus;
using Microsoft.Net.Http.Headers;

namespace MessageBus.UnitTests.Gateway.Telemetry;

public sealed class ExpositionFormatTests
{
    [Theory]
    [InlineData("application/openmetrics-text")]
    [InlineData("application/openmetrics-text; version=1.0.0")]
    [InlineData("application/openmetrics-text;version=\"1.0.0\";charset=utf-8")]
    [InlineData("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1")]
    [InlineData("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.3")]
    [InlineData("text/plain,application/openmetrics-text")]
    public void OpenMetrics_goes_to_those_who_like_it_best(string accept)
    {
        Assert.Equal(ExpositionFormat.OpenMetrics, Choose(accept));
    }

    [Theory]
    [InlineData("")]
    [InlineData("*/*")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")]
    [InlineData("text/plain;version=0.0.4")]
    [InlineData("text/plain;version=0.0.4;q=0.5,application/openmetrics-text;q=0.3")]
    [InlineData("application/openmetrics-text;version=2.0.0")]
    [InlineData("application/openmetrics-text;q=0")]
    [InlineData("application/json")]
    [InlineData("nonsense")]
    public void Text_goes_to_everybody_else(string accept)
    {
        Assert.Equal(ExpositionFormat.PrometheusText, Choose(accept));
    }

    private static ExpositionFormat Choose(string accept) =>
        ExpositionFormats.Choose(MediaTypeHeaderValue.TryParseList([accept], out var list) ? list : []);
}
