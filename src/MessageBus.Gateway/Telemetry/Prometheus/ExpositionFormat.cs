using Microsoft.Net.Http.Headers;

namespace MessageBus.Gateway.Telemetry.Prometheus;

internal enum ExpositionFormat
{
    /// <summary>The text format of Prometheus, version 0.0.4.</summary>
    PrometheusText,

    /// <summary>OpenMetrics 1.0, in text.</summary>
    OpenMetrics,
}

internal static class ExpositionFormats
{
    private const string OpenMetricsVersion = "1.0.0";
    private const string TextVersion = "0.0.4";

    public static string ContentType(this ExpositionFormat format) => format is ExpositionFormat.OpenMetrics
        ? $"application/openmetrics-text; version={OpenMetricsVersion}; charset=utf-8"
        : $"text/plain; version={TextVersion}; charset=utf-8";

    /// <summary>
    /// What a client with this <c>Accept</c> (RFC 9110 section 12.5.1) likes best: OpenMetrics where it is named with a version that we write and no other is
    /// liked more. Otherwise the text format, which people and old scrapers read.
    /// </summary>
    public static ExpositionFormat Choose(IList<MediaTypeHeaderValue> accept)
    {
        var openMetrics = Quality(accept, "application/openmetrics-text", OpenMetricsVersion);
        var text = Math.Max(Quality(accept, "text/plain", TextVersion), Math.Max(Quality(accept, "text/*"), Quality(accept, "*/*")));
        return openMetrics > 0 && openMetrics >= text ? ExpositionFormat.OpenMetrics : ExpositionFormat.PrometheusText;
    }

    private static double Quality(IList<MediaTypeHeaderValue> accept, string type, string? version = null) => (
        from one in accept
        where one.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)
        let asked = one.Parameters.FirstOrDefault(parameter => parameter.Name.Equals("version", StringComparison.OrdinalIgnoreCase))?.Value
        where asked is null || version is null || HeaderUtilities.RemoveQuotes(asked.Value).Equals(version, StringComparison.Ordinal)
        select one.Quality ?? 1).DefaultIfEmpty().Max();
}
