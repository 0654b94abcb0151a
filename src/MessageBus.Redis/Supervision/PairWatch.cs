using MessageBus.Redis.Links;
using MessageBus.Redis.Topology;
using StackExchange.Redis;

namespace MessageBus.Redis.Supervision;

/// <summary>
/// Looks at a proven pair each half second and doubts it where it cannot be trusted any more: a probe through both links, the role that each link sees, and
/// whether the topology still means this Redis. None of the questions is waited for by another.
/// </summary>
internal sealed class PairWatch(RedisPair pair, IRedisTopology topology, TimeSpan period)
{
    /// <summary>Periods in which a script keeps Redis busy before that counts as a loss.</summary>
    private const int MaxBusyPeriods = 10;

    private Task _asking = Task.CompletedTask;
    private Task _checking = Task.CompletedTask;
    private volatile int _busyPeriods;

    /// <summary>A period has ended.</summary>
    public void Look(CancellationToken cancellationToken)
    {
        if (pair.MayProbe && pair.Probe.EndPeriod(period, pair.HasProgressed()) && _busyPeriods is 0)
        {
            pair.Doubt("nothing that the gateway publishes there arrives any more");
        }

        if (_asking.IsCompleted)
        {
            _asking = AskRolesAsync();
        }

        if (_checking.IsCompleted)
        {
            _checking = topology.CheckAsync(pair, cancellationToken);
        }

        // Many at a time on a slow link, each of which ends with the time of a command.
        _ = ProbeAsync();
    }

    /// <summary>Ends with what is under way.</summary>
    public Task EndAsync() => Task.WhenAll(_asking, _checking).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    private async Task ProbeAsync()
    {
        try
        {
            if (pair.MayProbe)
            {
                await pair.SendProbeAsync();
                _busyPeriods = 0;
            }
        }
        catch (RedisServerException e) when (RedisError.IsBusy(e))
        {
            // The links hold. Publications are refused until the script ends; that is no loss of any.
            if (++_busyPeriods >= MaxBusyPeriods)
            {
                pair.Doubt(e.Message);
            }
        }
        catch (RedisServerException e)
        {
            pair.Doubt(e.Message);
        }
        catch (Exception)
        {
            // Not taken, or not answered in time: if the link has ended it says so, and if it hangs nothing is heard.
        }
    }

    private async Task AskRolesAsync()
    {
        try
        {
            var roles = await pair.AskRolesAsync();
            if (topology.NeedsPrimary && roles.Any(role => role is { IsPrimary: false }))
            {
                pair.Doubt("it has become a replica");
            }
        }
        catch (Exception)
        {
            // As above.
        }
    }
}
