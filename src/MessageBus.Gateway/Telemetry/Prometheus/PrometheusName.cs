using System.Text;

namespace MessageBus.Gateway.Telemetry.Prometheus;

/// <summary>
/// The name of an instrument as OpenTelemetry maps it to Prometheus ("Prometheus and OpenMetrics Compatibility", metric metadata): only letters, digits
/// and <c>_</c>, then the unit written out: <c>messagebus.delivery.delay</c> in <c>s</c> is <c>messagebus_delivery_delay_seconds</c>. The <c>_total</c> of a
/// counter is no part of it: formats differ in where they write it.
/// </summary>
/// <param name="Family">Name with unit.</param>
/// <param name="Unit">The unit that the name ends with, or none.</param>
internal readonly record struct PrometheusName(string Family, string Unit)
{
    private const string CounterSuffix = "_total";

    public static PrometheusName Of(string instrument, string? unit, MetricKind kind)
    {
        var name = Sanitize(instrument);
        if (kind is MetricKind.Counter && name.EndsWith(CounterSuffix, StringComparison.Ordinal))
        {
            name = name[..^CounterSuffix.Length];
        }

        var written = UnitName(unit ?? "", kind);
        var family = written.Length is 0 || name.EndsWith("_" + written, StringComparison.Ordinal) ? name : $"{name}_{written}";
        return new PrometheusName(family, written);
    }

    /// <summary><c>[a-zA-Z_][a-zA-Z0-9_]*</c>: what is allowed for labels, and more than is needed for names, where <c>:</c> is for recording rules.</summary>
    public static string Sanitize(string name)
    {
        var allowed = new StringBuilder(name.Length);
        foreach (var character in name)
        {
            if (char.IsAsciiLetterOrDigit(character))
            {
                allowed.Append(character);
            }
            else if (allowed.Length is 0 || allowed[^1] is not '_')
            {
                allowed.Append('_');
            }
        }

        return allowed.Length is 0 || char.IsAsciiDigit(allowed[0]) ? "_" + allowed : allowed.ToString();
    }

    private static string UnitName(string unit, MetricKind kind) => unit switch
    {
        "s" => "seconds",
        "ms" => "milliseconds",
        "By" => "bytes",
        "%" => "percent",
        "1" => kind is MetricKind.Gauge ? "ratio" : "",

        // What is counted, {connection}, is said by the name already.
        _ when unit.Contains('{', StringComparison.Ordinal) || unit.Length is 0 => "",
        _ => Sanitize(unit),
    };
}
