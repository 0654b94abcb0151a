using System.Diagnostics;

namespace MessageBus.IntegrationTests.Support;

/// <summary>Waits for what other threads or processes are about to do: as short as possible, with a limit and a reason.</summary>
public static class Eventually
{
    /// <summary>How long anything may take that a test waits for; generous, because machines that run tests are busy.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Returns once <paramref name="condition"/> holds; otherwise fails with <paramref name="reason"/>, the thing that did not happen.</summary>
    public static Task TrueAsync(Func<bool> condition, string reason, TimeSpan? limit = null) =>
        TrueAsync(() => Task.FromResult(condition()), reason, limit);

    /// <inheritdoc cref="TrueAsync(Func{bool}, string, TimeSpan?)"/>
    public static async Task TrueAsync(Func<Task<bool>> condition, string reason, TimeSpan? limit = null)
    {
        var waiting = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(waiting.Elapsed < (limit ?? Limit), $"After {waiting.Elapsed.TotalSeconds:0.0} s still not: {reason}");
            await Task.Delay(Pause);
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
