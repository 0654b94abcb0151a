using MessageBus.Brokers;
using MessageBus.Redis.Links;
using MessageBus.Redis.Settings;
using MessageBus.Redis.Subscriptions;
using MessageBus.Redis.Topology;
using MessageBus.Redis.Wire;
using Microsoft.Extensions.Logging;

namespace MessageBus.Redis.Supervision;

/// <summary>
/// Keeps the gateway at a Redis that can be trusted. One loop: search (dial what the topology names, judge by role), prove (every channel acknowledged, a probe
/// heard through both links), watch (numbered probes, roles, the topology), and from the first doubt on again from the start. Events only wake it.
/// </summary>
internal sealed partial class RedisSupervisor(
    RedisSettings settings,
    RedisHome whereabouts,
    IRedisTopology topology,
    RedisDialer dialer,
    RedisFeed feed,
    RedisSubscriptions subscriptions,
    SubscriptionAudit audit,
    RedisTimes times,
    SupervisorEvents events,
    BrokerMetrics metrics,
    TimeProvider time,
    ILogger logger) : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ProofInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ProofLimit = TimeSpan.FromSeconds(4);

    private readonly ILogger _logger = logger;

    // Not disposed: what waits for it must see it end, and it holds nothing that needs that.
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _firstAttempt = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SearchProblem _problem = new(time);
    private Task _running = Task.CompletedTask;
    private Task _closing = Task.CompletedTask;
    private volatile RedisPair? _home;

    /// <summary>The pair that is proven; null while Redis is searched for.</summary>
    public RedisPair? Home => _home;

    /// <summary>Why there is none, in one sentence without addresses; null while there is one.</summary>
    public string? Problem => _home is null ? _problem.Text : null;

    /// <summary>Begins to search. Returns once the first attempt is over, whatever came of it.</summary>
    public async Task StartAsync()
    {
        topology.Changed += events.Wake;
        _running = RunAsync();
        await Task.WhenAny(_firstAttempt.Task, Task.Delay(times.Command, time));
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        await audit.EndAsync();
        await topology.DisposeAsync();
        await _closing;
    }

    /// <summary>Ends it without waiting for what is under way.</summary>
    public void Dispose() => _stopping.Cancel();

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            RedisPair? pair = null;
            try
            {
                pair = await SearchAsync(_stopping.Token);
                await ProveAsync(pair, _stopping.Token);
                Settle(pair);
                await WatchAsync(pair, _stopping.Token);
                Lose(pair, await pair.Doubted);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // Stopped.
            }
            catch (Exception e) when (pair is not null && _home is null)
            {
                await NotProvenAsync(pair, e);
            }
            catch (Exception e)
            {
                LogFailed(e);
                if (pair is not null)
                {
                    Lose(pair, "following it failed");
                }

                await events.WaitAsync(Period, CancellationToken.None);
            }
            finally
            {
                _home = null;
                whereabouts.Move(null);
                Close(pair);
            }
        }

        await dialer.EndAsync(winner: null);
    }

    /// <summary>Dials what the topology names, until one has the right role.</summary>
    private async Task<RedisPair> SearchAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<RedisAddress> candidates = [];
        long? firstAt = null;
        while (true)
        {
            candidates = await topology.FindAsync(cancellationToken);
            dialer.Dial(candidates);
            foreach (var wrong in dialer.Open.Where(pair => pair.Doubted.IsCompleted || (topology.NeedsPrimary && pair.Role is { IsPrimary: false })).ToList())
            {
                _closing = Task.WhenAll(_closing, dialer.RejectAsync(wrong, wrong.Doubted.IsCompleted ? await wrong.Doubted : "it is a replica, not the primary"));
            }

            var open = dialer.Open.Where(pair => candidates.Contains(pair.Address)).ToList();
            if (open.Count > 0)
            {
                firstAt ??= time.GetTimestamp();
                if (topology.Choose(candidates, open, candidates.All(dialer.HasAnswered), time.GetElapsedTime(firstAt.Value)) is { } chosen)
                {
                    _closing = Task.WhenAll(_closing, dialer.EndAsync(chosen));
                    return chosen;
                }
            }
            else
            {
                Tell(candidates);
            }

            await events.WaitAsync(open.Count > 0 ? ProofInterval : times.Search, cancellationToken);
        }
    }

    /// <summary>Shows that the pair brings what is published. Each step has a time of its own, and the one of many channels has none as long as it goes on.</summary>
    private async Task ProveAsync(RedisPair pair, CancellationToken cancellationToken)
    {
        await pair.ReadyAsync(ProofLimit, time, cancellationToken);
        pair.BringTo(subscriptions.Deliver);
        await pair.SubscribeProbeAsync().WaitAsync(times.Command, time, cancellationToken);
        metrics.Resubscribed(await subscriptions.ResubscribeAsync(pair, cancellationToken));
        var since = time.GetTimestamp();
        while (pair.MayProbe && !pair.Probe.WasHeard)
        {
            await pair.SendProbeAsync().WaitAsync(times.Command, time, cancellationToken);
            if (time.GetElapsedTime(since) > ProofLimit + (pair.Probe.RoundTrip * 4))
            {
                throw new TimeoutException("what the gateway publishes there does not arrive");
            }

            await events.WaitAsync(ProofInterval, cancellationToken);
        }

        if (pair.Doubted.IsCompleted)
        {
            throw new DialFailure(await pair.Doubted);
        }
    }

    private void Settle(RedisPair pair)
    {
        _home = pair;
        whereabouts.Move(new RedisConnection(pair.Address, settings));
        _problem.End();
        LogUp(pair.Address, subscriptions.Count);
        if (!pair.MayProbe)
        {
            LogMayNotProbe(pair.Address);
        }

        audit.Expect();
        feed.Return();
        _firstAttempt.TrySetResult();
    }

    /// <summary>Looks at the pair until it is doubted.</summary>
    private async Task WatchAsync(RedisPair pair, CancellationToken cancellationToken)
    {
        var watch = new PairWatch(pair, topology, Period);
        using var periods = new PeriodicTimer(Period, time);
        var period = periods.WaitForNextTickAsync(cancellationToken).AsTask();
        while (await Task.WhenAny(pair.Doubted, period) == period)
        {
            await period;
            watch.Look(cancellationToken);
            audit.BeginNowAndThen(pair, cancellationToken);
            period = periods.WaitForNextTickAsync(cancellationToken).AsTask();
        }
    }

    private void Lose(RedisPair pair, string reason)
    {
        _home = null;
        _problem.Begin(reason);
        LogLost(pair.Address, reason);
        feed.Lose();
    }

    private async Task NotProvenAsync(RedisPair pair, Exception e)
    {
        var reason = e is TimeoutException or DialFailure || RedisError.IsAnswer(e) ? e.Message : "the connection broke";
        if (_problem.Begin($"connected, but not proven: {reason}"))
        {
            LogNotProven(pair.Address, reason);
        }

        _firstAttempt.TrySetResult();
        await events.WaitAsync(times.Search, CancellationToken.None);
    }

    /// <summary>Says why none is found: once, when it changes, and once a minute.</summary>
    private void Tell(IReadOnlyList<RedisAddress> candidates)
    {
        var failures = dialer.Failures;
        if (candidates.Count > 0 && failures.Count is 0)
        {
            return;
        }

        var reasons = candidates.Count is 0 ? topology.Problem ?? "no address is known" : string.Join("; ", failures.Select(one => one.Reason).Distinct());
        if (_problem.Begin(reasons))
        {
            LogAbsent(candidates.Count is 0 ? reasons : string.Join("; ", failures.Select(one => $"{one.Address}: {one.Reason}")));
        }

        if (candidates.All(dialer.HasAnswered))
        {
            _firstAttempt.TrySetResult();
        }
    }

    private void Close(RedisPair? pair)
    {
        if (pair is not null)
        {
            _closing = Task.WhenAll(_closing.IsCompleted ? Task.CompletedTask : _closing, pair.CloseAsync());
        }
    }
}
