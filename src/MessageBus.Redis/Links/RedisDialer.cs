using MessageBus.Redis.Settings;
using MessageBus.Redis.Wire;

namespace MessageBus.Redis.Links;

/// <summary>
/// Dials addresses side by side. An attempt that is slow delays no other: after a second another is begun beside it, up to three to an address, and each ends
/// after the time to connect. Used by one loop at a time.
/// </summary>
/// <param name="settings">How to connect.</param>
/// <param name="interval">How soon an address that failed is dialled again.</param>
/// <param name="time">For both.</param>
/// <param name="ended">Called when an attempt has ended.</param>
internal sealed class RedisDialer(RedisSettings settings, TimeSpan interval, TimeProvider time, Action ended)
{
    private const int AtOnce = 3;

    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    /// <summary>Refused credentials are tried rarely: each attempt is a line in the log of Redis, and an operator has to change something.</summary>
    private static readonly TimeSpan Refused = TimeSpan.FromSeconds(5);

    private readonly Dictionary<RedisAddress, Line> _lines = [];

    /// <summary>The pairs that were opened and neither taken nor rejected, in no order.</summary>
    public IReadOnlyList<RedisPair> Open => [.. _lines.Values.SelectMany(line => line.Open)];

    /// <summary>Why each address was not taken so far.</summary>
    public IReadOnlyList<(RedisAddress Address, string Reason)> Failures =>
        [.. _lines.Where(line => line.Value.Reason is not null).Select(line => (line.Key, line.Value.Reason!))];

    /// <summary>Begins what is due.</summary>
    public void Dial(IEnumerable<RedisAddress> addresses)
    {
        foreach (var address in addresses)
        {
            if (!_lines.TryGetValue(address, out var line))
            {
                _lines.Add(address, line = new Line());
            }

            line.Reap();
            if (IsDue(line))
            {
                line.Begin(BeginAsync(address), time.GetTimestamp());
            }
        }
    }

    /// <summary>Whether the address has answered in one way or the other.</summary>
    public bool HasAnswered(RedisAddress address) => _lines.TryGetValue(address, out var line) && (line.Reason is not null || line.Open.Any());

    /// <summary>An opened pair that is not to be used.</summary>
    public Task RejectAsync(RedisPair pair, string reason)
    {
        _lines[pair.Address].Remove(pair, reason);
        return pair.CloseAsync();
    }

    /// <summary>Ends the race: all others are closed, those that are under way once they are open.</summary>
    public Task EndAsync(RedisPair? winner)
    {
        var others = _lines.Values.SelectMany(line => line.Dials).ToList();
        _lines.Clear();
        return Task.WhenAll(others.Select(dial => CloseAsync(dial, winner)));
    }

    private static async Task CloseAsync(Task<RedisPair> dial, RedisPair? winner)
    {
        try
        {
            if (await dial is var pair && !ReferenceEquals(pair, winner))
            {
                await pair.CloseAsync();
            }
        }
        catch (DialFailure)
        {
            // It would not have been taken anyway.
        }
    }

    private bool IsDue(Line line) => line.UnderWay is 0
        ? !line.Open.Any() && (line.BegunAt is not { } last || time.GetElapsedTime(last) >= (line.Reason is { } reason && DialAttempt.IsAboutCredentials(reason) ? Refused : interval))
        : line.UnderWay < AtOnce && time.GetElapsedTime(line.BegunAt!.Value) >= Slow;

    private async Task<RedisPair> BeginAsync(RedisAddress address)
    {
        try
        {
            return await RedisPair.OpenAsync(address, settings, time);
        }
        finally
        {
            ended();
        }
    }

    /// <summary>What is under way to one address.</summary>
    private sealed class Line
    {
        public List<Task<RedisPair>> Dials { get; } = [];

        public long? BegunAt { get; private set; }

        public string? Reason { get; private set; }

        public int UnderWay => Dials.Count(dial => !dial.IsCompleted);

        public IEnumerable<RedisPair> Open => Dials.Where(dial => dial.IsCompletedSuccessfully).Select(dial => dial.Result);

        public void Begin(Task<RedisPair> dial, long at)
        {
            Dials.Add(dial);
            BegunAt = at;
        }

        public void Remove(RedisPair pair, string reason)
        {
            Dials.RemoveAll(dial => dial.IsCompletedSuccessfully && ReferenceEquals(dial.Result, pair));
            Reason = reason;
        }

        public void Reap()
        {
            foreach (var failed in Dials.Where(dial => dial.IsFaulted).ToList())
            {
                Reason = failed.Exception!.GetBaseException() is var cause && failed.Exception.InnerException is DialFailure failure ? failure.Message : cause.Message;
                Dials.Remove(failed);
            }
        }
    }
}
