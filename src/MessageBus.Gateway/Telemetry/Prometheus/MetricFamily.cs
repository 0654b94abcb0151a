namespace MessageBus.Gateway.Telemetry.Prometheus;

/// <summary>What one instrument has measured, under the name that it has in Prometheus.</summary>
internal sealed record MetricFamily(PrometheusName Name, MetricKind Kind, string Help, IReadOnlyList<Sample> Samples);

/// <summary>One line. <paramref name="Suffix"/> follows the family's name; <paramref name="Labels"/> are written out, without their braces.</summary>
internal readonly record struct Sample(string Suffix, string Labels, double Value);

internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}
