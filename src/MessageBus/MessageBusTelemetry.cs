using MessageBus.Diagnostics;

namespace MessageBus;

/// <summary>The names under which an app finds what MessageBus measures and traces, for example for OpenTelemetry's <c>AddMeter</c> and <c>AddSource</c>.</summary>
public static class MessageBusTelemetry
{
    /// <summary>The meter of all instruments. They are listed in src/docs/metrics.md.</summary>
    public const string MeterName = Telemetry.Name;

    /// <summary>The activity source of the REST publishes.</summary>
    public const string ActivitySourceName = Telemetry.Name;
}
