namespace MessageBus.Redis.Recording;

/// <summary>How a session works. <paramref name="PositionAge"/> is how long a silent channel's position stays valid.</summary>
internal sealed record RecordingOptions(TimeSpan PositionAge, TimeSpan CommandTimeout)
{
    public static RecordingOptions Default { get; } = new(TimeSpan.FromHours(1), TimeSpan.FromSeconds(3));
}
