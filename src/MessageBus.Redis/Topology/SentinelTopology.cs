using System.Collections.Concurrent;
using System.Net;
using MessageBus.Redis.Links;
using MessageBus.Redis.Settings;
using MessageBus.Redis.Wire;
using Microsoft.Extensions.Logging;

namespace MessageBus.Redis.Topology;

/// <summary>
/// Sentinels say where the primary is. All that are known are asked side by side, so that one that hangs delays nothing. What a Redis says of its own role is not
/// enough here: a killed primary that returns calls itself one until it is demoted.
/// <para>
/// In a failover, both call themselves primary for about a second. From the moment that a Sentinel selects a replica nothing is acknowledged, the replica is
/// asked for its role, and the gateway moves as soon as it is the primary.
/// </para>
/// </summary>
internal sealed partial class SentinelTopology : IRedisTopology
{
    private const int MaxSentinels = 16;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PromotionInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>A failover that has not come to its end by then will not.</summary>
    private static readonly TimeSpan LongestFailover = TimeSpan.FromSeconds(10);

    private readonly RedisSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly NameResolution _names;
    private readonly SentinelAnswers _answers;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<EndPoint, Task> _asking = [];
    private readonly ConcurrentDictionary<EndPoint, string?> _problems = [];
    private readonly Task _running;
    private volatile Selection? _selected;
    private volatile RedisPair? _home;
    private Task _following = Task.CompletedTask;

    public SentinelTopology(RedisSettings settings, TimeProvider time, ILogger logger)
    {
        (_settings, _time, _logger) = (settings, time, logger);
        _names = new NameResolution(time);
        _answers = new SentinelAnswers(time);
        _running = RunAsync();
    }

    public event Action? Changed;

    public bool NeedsPrimary => true;

    public bool IsMoving => Selected is { } selected && _home is { } home && !selected.Equals(home.Address.EndPoint);

    public string? Problem => _answers.Primary is not null ? null
        : _problems.Values.OfType<string>().Distinct().ToList() is { Count: > 0 } problems ? $"no Sentinel says where the primary is: {string.Join("; ", problems)}"
        : "no Sentinel has answered yet";

    private EndPoint? Selected => _selected is { } selected && _time.GetElapsedTime(selected.At) < LongestFailover ? selected.Replica : null;

    public async Task<IReadOnlyList<RedisAddress>> FindAsync(CancellationToken cancellationToken)
    {
        // The primary of before may still call itself one.
        var named = Selected is { } selected ? selected : _answers.Primary;
        return named is null ? [] : await _names.ResolveAsync([named], cancellationToken);
    }

    public RedisPair? Choose(IReadOnlyList<RedisAddress> candidates, IReadOnlyList<RedisPair> open, bool haveAllAnswered, TimeSpan sinceFirst) => _home = open[0];

    public async Task CheckAsync(RedisPair home, CancellationToken cancellationToken)
    {
        if (_answers.Primary is { } primary && (Selected is not { } selected || selected.Equals(primary)) && !(await _names.ResolveAsync([primary], cancellationToken)).Contains(home.Address))
        {
            home.Doubt($"Sentinel names {RedisAddress.Text(primary)} as the primary");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        await Task.WhenAll([_following, .. _asking.Values]);
    }

    /// <summary>Keeps one link to each Sentinel that is known, those that others name included.</summary>
    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            foreach (var address in await _names.ResolveAsync([.. _settings.Servers], CancellationToken.None))
            {
                Begin(address);
            }

            await Task.WhenAny(Task.Delay(Interval, _time, _stopping.Token));
        }
    }

    private void Begin(RedisAddress sentinel)
    {
        if (_asking.Count < MaxSentinels)
        {
            _asking.GetOrAdd(sentinel.EndPoint, _ => AskOnAsync(sentinel));
        }
    }

    /// <summary>Asks one Sentinel each half second, over a link that is opened anew where it fails.</summary>
    private async Task AskOnAsync(RedisAddress sentinel)
    {
        SentinelLink? link = null;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                link ??= await SentinelLink.OpenAsync(sentinel, _settings, primary => OnSwitched(sentinel, primary), OnSelected, _time);
                await AskAsync(link, sentinel);
            }
            catch (Exception e)
            {
                Tell(sentinel, e is DialFailure ? e.Message : "it does not answer");
                if (link is not null)
                {
                    await link.CloseAsync();
                    link = null;
                }
            }

            await Task.WhenAny(Task.Delay(Interval, _time, _stopping.Token));
        }

        if (link is not null)
        {
            await link.CloseAsync();
        }
    }

    private async Task AskAsync(SentinelLink link, RedisAddress sentinel)
    {
        if (await link.AskAsync().WaitAsync(Patience, _time, _stopping.Token) is not { } answer)
        {
            Tell(sentinel, $"it knows no service '{_settings.ServiceName}'");
            return;
        }

        var before = _answers.Primary;
        _answers.Answered(sentinel.EndPoint, answer.Primary, answer.Epoch);
        Tell(sentinel, null);
        foreach (var other in await _names.ResolveAsync(answer.Others, _stopping.Token))
        {
            Begin(other);
        }

        if (!Equals(before, _answers.Primary))
        {
            Changed?.Invoke();
        }
    }

    private void OnSwitched(RedisAddress sentinel, EndPoint primary)
    {
        _answers.Switched(sentinel.EndPoint, primary);
        Changed?.Invoke();
    }

    private void OnSelected(EndPoint replica)
    {
        _selected = new Selection(replica, _time.GetTimestamp());
        LogSelected(RedisAddress.Text(replica));
        Changed?.Invoke();
        if (_following.IsCompleted && !_stopping.IsCancellationRequested)
        {
            _following = FollowAsync(replica);
        }
    }

    /// <summary>
    /// Asks the replica that was selected for its role until it is the primary, and leaves the old one at once. The Sentinel that promotes it cuts its
    /// connections, this one too.
    /// </summary>
    private async Task FollowAsync(EndPoint replica)
    {
        RedisPair? ahead = null;
        while (replica.Equals(Selected) && !_stopping.IsCancellationRequested)
        {
            try
            {
                ahead ??= await RedisPair.OpenAsync((await _names.ResolveAsync([replica], _stopping.Token))[0], _settings, _time);
                if ((await ahead.AskRolesAsync())[0] is { IsPrimary: true })
                {
                    if (_home is { } home && !home.Address.Equals(ahead.Address))
                    {
                        home.Doubt($"{ahead.Address} was promoted");
                    }

                    break;
                }
            }
            catch (Exception)
            {
                // Or it cannot be reached yet: the Sentinels would not have selected one that cannot.
                await CloseAsync(ahead);
                ahead = null;
            }

            await Task.WhenAny(Task.Delay(PromotionInterval, _time, _stopping.Token));
        }

        await CloseAsync(ahead);
    }

    private static Task CloseAsync(RedisPair? pair) => pair?.CloseAsync() ?? Task.CompletedTask;

    private void Tell(RedisAddress sentinel, string? problem)
    {
        if (_problems.TryGetValue(sentinel.EndPoint, out var before) && before == problem)
        {
            return;
        }

        _problems[sentinel.EndPoint] = problem;
        if (problem is not null)
        {
            LogNotAnswering(sentinel, problem);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sentinel at {Sentinel} is not asked for the primary: {Reason}.")]
    private partial void LogNotAnswering(RedisAddress sentinel, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Sentinel is about to promote {Replica}. Nothing is acknowledged until it has.")]
    private partial void LogSelected(string replica);

    private sealed record Selection(EndPoint Replica, long At);
}
