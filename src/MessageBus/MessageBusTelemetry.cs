using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;

namespace MessageBus;

/// <summary>The names under which an app finds what MessageBus measures and traces, for example for OpenTelemetry's <c>AddMeter</c> and <c>AddSource</c>.</summary>
public static class MessageBusTelemetry
{
    /// <summary>The meter of all instruments. They are listed in src/docs/metrics.md.</summary>
    public const string MeterName = "MessageBus";

    /// <summary>The activity source of the REST publishes.</summary>
    public const string ActivitySourceName = "MessageBus";

    internal static readonly ActivitySource Activities = new(ActivitySourceName);

    /// <summary>From a tenth of a millisecond to ten seconds, in seconds.</summary>
    internal static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    /// <summary>The same meter at every call.</summary>
    internal static Meter MessageBusMeter(this IMeterFactory meters) => meters.Create(MeterName);

    /// <summary>A value of an enumeration as it stands in a tag: <c>too_slow</c>.</summary>
    internal static string TagValue<TEnum>(TEnum value)
        where TEnum : struct, Enum =>
        JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
