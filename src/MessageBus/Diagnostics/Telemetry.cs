using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;

namespace MessageBus.Diagnostics;

/// <summary>What all that measures and traces has in common.</summary>
internal static class Telemetry
{
    /// <summary>Of the meter and of the activity source.</summary>
    public const string Name = "MessageBus";

    public static readonly ActivitySource Activities = new(Name);

    /// <summary>From a tenth of a millisecond to ten seconds, in seconds.</summary>
    public static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    /// <summary>The same meter at every call.</summary>
    public static Meter MessageBusMeter(this IMeterFactory meters) => meters.Create(Name);

    /// <summary>A value of an enumeration as it stands in a tag: <c>too_slow</c>.</summary>
    public static string TagValue<TEnum>(TEnum value)
        where TEnum : struct, Enum =>
        JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>A measurement for each tag of the tally.</summary>
    public static IEnumerable<Measurement<long>> Measure<TTag>(Tally<TTag> tally, string tag, Func<TTag, object> value)
        where TTag : notnull =>
        tally.Counts.Select(pair => new Measurement<long>(pair.Value, new KeyValuePair<string, object?>(tag, value(pair.Key))));
}
