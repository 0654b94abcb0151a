using System.Text.Json.Serialization;

namespace MessageBus.Bench.Load;

/// <summary>The load generator's answer to a <see cref="LoadRequest"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "did")]
[JsonDerivedType(typeof(Done), "nothing")]
[JsonDerivedType(typeof(Refused), "refused")]
[JsonDerivedType(typeof(OpenReport), "open")]
[JsonDerivedType(typeof(FlowReport), "flow")]
[JsonDerivedType(typeof(RecoverReport), "recover")]
internal abstract record LoadReport;

internal sealed record Done : LoadReport;

/// <summary>The request could not be carried out, and why.</summary>
internal sealed record Refused(string Reason) : LoadReport;

/// <param name="Connecting">From the first packet of a connection to the answer to its last subscription.</param>
internal sealed record OpenReport(
    int Ready, int Failed, string? Failure, double Seconds, int Resumed, CoreTime Server, double LoadShare, Quantiles Connecting) : LoadReport;

/// <param name="Seconds">From the first publication to the last copy.</param>
/// <param name="Kept">Whether the rate was kept: all published in time and no growing backlog. Always true for a closed loop.</param>
/// <param name="LoadShare">Processor time of the load generator, as a share of one core.</param>
/// <param name="CoreShare">The same with redis-server, which runs on the same core.</param>
/// <param name="Latency">From the publication's stamp to the copy's arrival.</param>
/// <param name="Unheard">Publications that Redis had no subscriber for.</param>
internal sealed record FlowReport(
    long Publications, long Expected, long Delivered, long OutOfOrder, long Unheard, int Dropped, double Seconds, bool Kept,
    CoreTime Server, double LoadShare, double CoreShare, Quantiles Latency) : LoadReport
{
    public long Lost => Expected - Delivered;
}

internal sealed record RecoverReport(bool Recovered, double Seconds, long Subscriptions, FlowReport? Probe) : LoadReport;

/// <summary>Processor time in microseconds.</summary>
internal readonly record struct CoreTime(double User, double System)
{
    [JsonIgnore]
    public double Total => User + System;

    public static CoreTime operator -(CoreTime later, CoreTime earlier) => new(later.User - earlier.User, later.System - earlier.System);
}

/// <summary>Durations in microseconds.</summary>
internal sealed record Quantiles(double P50, double P99, double P999, double Max)
{
    public static Quantiles Of(Histogram histogram) => new(
        histogram.Percentile(0.5) / 1e3, histogram.Percentile(0.99) / 1e3, histogram.Percentile(0.999) / 1e3, histogram.Max / 1e3);
}
