namespace MessageBus.Limits;

/// <summary>How often something may be done: <paramref name="perSecond"/> times a second in the long run, and <paramref name="burst"/> times at once.</summary>
internal sealed class Rate(int perSecond, int burst, TimeProvider time)
{
    /// <summary>Timestamps between one and the next, in the long run.</summary>
    public long Interval { get; } = Math.Max(1, time.TimestampFrequency / perSecond);

    /// <summary>Timestamps in which an empty bucket fills.</summary>
    public long Capacity { get; } = Math.Max(1, time.TimestampFrequency / perSecond) * burst;

    public int PerSecond => perSecond;

    public int Burst => burst;

    public long Now => time.GetTimestamp();

    /// <summary>As a duration, in whole milliseconds upwards: who waits so long has waited long enough.</summary>
    public TimeSpan Duration(long timestamps) => TimeSpan.FromMilliseconds(Math.Ceiling(timestamps * 1000.0 / time.TimestampFrequency));
}
