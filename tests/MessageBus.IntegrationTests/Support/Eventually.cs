using System.Diagnostics;

namespace MessageBus.IntegrationTests.Support;

/// <summary>Waits for what other threads or processes are about to do: as short as possible, with a limit and a reason.</summary>
public static class Eventually
{
    /// <summary>How long anything may take that a test waits for; generous, because machines that run tests are busy.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // Short at first, for most things come soon. What takes longer is not made to take longer still by being asked for all the time.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LaterPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    /// <summary>Returns once <paramref name="condition"/> holds; otherwise fails with <paramref name="reason"/>, the thing that did not happen.</summary>
    public static Task TrueAsync(Func<bool> condition, string reason, TimeSpan? limit = null) =>
        TrueAsync(() => Task.FromResult(condition()), () => reason, limit);

    /// <inheritdoc cref="TrueAsync(Func{bool}, string, TimeSpan?)"/>
    public static Task TrueAsync(Func<Task<bool>> condition, string reason, TimeSpan? limit = null) => TrueAsync(condition, () => reason, limit);

    /// <summary>The same with a reason that tells what there was in the end.</summary>
    public static Task TrueAsync(Func<bool> condition, Func<string> reason, TimeSpan? limit = null) =>
        TrueAsync(() => Task.FromResult(condition()), reason, limit);

    /// <inheritdoc cref="TrueAsync(Func{bool}, Func{string}, TimeSpan?)"/>
    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string> reason, TimeSpan? limit = null)
    {
        var waiting = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(waiting.Elapsed < (limit ?? Limit), $"After {waiting.Elapsed.TotalSeconds:0.0} s still not: {reason()}");
            await Task.Delay(waiting.Elapsed < Soon ? FirstPause : LaterPause);
        }
    }

    /// <summary>The result of <paramref name="task"/>; fails with <paramref name="reason"/> when it does not come within the limit.</summary>
    public static async Task<T> ResultAsync<T>(Task<T> task, string reason, TimeSpan? limit = null)
    {
        await DoneAsync(task, reason, limit);
        return await task;
    }

    /// <summary>Awaits <paramref name="task"/>; fails with <paramref name="reason"/> when it does not end within the limit.</summary>
    public static async Task DoneAsync(Task task, string reason, TimeSpan? limit = null)
    {
        try
        {
            await task.WaitAsync(limit ?? Limit);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            Assert.Fail($"After {(limit ?? Limit).TotalSeconds:0.0} s still not: {reason}");
        }
    }
}
