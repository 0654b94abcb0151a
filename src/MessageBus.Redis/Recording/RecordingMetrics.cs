namespace MessageBus.Redis.Recording;

internal enum RecordingRole
{
    /// <summary>Not in step: could take over only with a new epoch.</summary>
    Watcher,

    /// <summary>In step: takes over without a hole.</summary>
    Follower,

    Recorder,
}

/// <summary>What a session is and has at one moment.</summary>
/// <param name="Role">What it does.</param>
/// <param name="Queued">Messages that were heard and are not recorded yet.</param>
/// <param name="OldestAge">How long the oldest of them has waited.</param>
/// <param name="SilentFor">How long no recorder was heard.</param>
internal sealed record RecordingReport(RecordingRole Role, int Queued, TimeSpan OldestAge, TimeSpan SilentFor);

/// <summary>What a gateway's recording sessions have done. Counted by the hand and the watch of one session at a time; any thread reads.</summary>
internal sealed class RecordingMetrics
{
    private long _appended;
    private long _batches;
    private long _passed;
    private long _warm;
    private long _cold;
    private long _lost;
    private long _outOfStep;

    public long AppendedMessages => Volatile.Read(ref _appended);

    public long Batches => Volatile.Read(ref _batches);

    public long PassedMessages => Volatile.Read(ref _passed);

    public long WarmTakes => Volatile.Read(ref _warm);

    public long ColdTakes => Volatile.Read(ref _cold);

    public long LostTakes => Volatile.Read(ref _lost);

    public long TimesOutOfStep => Volatile.Read(ref _outOfStep);

    public TimeSpan LastAppend { get; private set; }

    public void Appended(int messages, TimeSpan duration)
    {
        Interlocked.Add(ref _appended, messages);
        Interlocked.Increment(ref _batches);
        LastAppend = duration;
    }

    public void Passed(int messages) => Interlocked.Add(ref _passed, messages);

    public void Took(bool isCold) => Interlocked.Increment(ref isCold ? ref _cold : ref _warm);

    public void TakeLost() => Interlocked.Increment(ref _lost);

    public void OutOfStep() => Interlocked.Increment(ref _outOfStep);
}
