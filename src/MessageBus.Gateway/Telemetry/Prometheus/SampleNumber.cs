using System.Globalization;

namespace MessageBus.Gateway.Telemetry.Prometheus;

/// <summary>Numbers as both formats write them.</summary>
internal static class SampleNumber
{
    public const string PositiveInfinity = "+Inf";

    public static string Of(double value) =>
        double.IsPositiveInfinity(value) ? PositiveInfinity
        : double.IsNegativeInfinity(value) ? "-Inf"
        : double.IsNaN(value) ? "NaN"
        : value.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');

    /// <summary>The canonical form of OpenMetrics for bounds, which are compared as text: recognizable as a number with a fraction, <c>1.0</c>.</summary>
    public static string Bound(double value)
    {
        var text = Of(value);
        return text.AsSpan().IndexOfAny('.', 'e', 'I') < 0 ? text + ".0" : text;
    }
}
