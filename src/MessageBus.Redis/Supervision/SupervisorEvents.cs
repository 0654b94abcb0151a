namespace MessageBus.Redis.Supervision;

/// <summary>Wakes the supervisor before its time. Events that come at once are one.</summary>
internal sealed class SupervisorEvents(TimeProvider time)
{
    private TaskCompletionSource _next = New();

    /// <summary>Something has changed.</summary>
    public void Wake() => Volatile.Read(ref _next).TrySetResult();

    /// <summary>Ends at the next event, or one that has come since the last wait, and at the latest after <paramref name="longest"/>.</summary>
    public async Task WaitAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(Volatile.Read(ref _next).Task, Task.Delay(longest, time, enough.Token));
        await enough.CancelAsync();
        Interlocked.Exchange(ref _next, New());
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
