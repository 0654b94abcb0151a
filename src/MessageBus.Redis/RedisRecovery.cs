using MessageBus.Brokers;
using Microsoft.Extensions.Logging;

namespace MessageBus.Redis;

/// <summary>
/// Follows the links to Redis: tells their loss, opens anew what has broken, and tells the return once Redis has acknowledged every channel and it is shown
/// that what is published arrives.
/// </summary>
internal sealed partial class RedisRecovery(
    RedisLinks links,
    RedisFeed feed,
    RedisSubscriptions subscriptions,
    SubscriptionAudit audit,
    RedisBrokerOptions options,
    BrokerMetrics metrics,
    TimeProvider time,
    ILogger logger) : IDisposable
{
    private readonly ILogger _logger = logger;

    // Not disposed: what waits for it must see it end, and it holds nothing that needs that.
    private readonly CancellationTokenSource _stopping = new();
    private Task _following = Task.CompletedTask;
    private string? _toldProblem;

    /// <summary>Tries to reach Redis once, and follows the links from then on.</summary>
    public async Task StartAsync()
    {
        await FollowAsync();
        if (!feed.IsUp)
        {
            LogAbsent(links.Endpoints);
        }

        _following = FollowOnAsync();
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _following;
        await audit.EndAsync();
    }

    /// <summary>Ends it without waiting for what is under way.</summary>
    public void Dispose() => _stopping.Cancel();

    /// <summary>One change after the other, until the broker is stopped.</summary>
    private async Task FollowOnAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await links.WaitForChangeAsync(options.ReconnectInterval, _stopping.Token);
                await FollowAsync();
                audit.BeginNowAndThen(_stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                LogFollowingFailed(e);
            }
        }
    }

    private async Task FollowAsync()
    {
        if (feed.IsUp && !links.AreWhole)
        {
            LogLost(links.Endpoints);
            feed.Lose();
        }

        if (!feed.IsUp && await links.IsReachableAsync())
        {
            await RestoreAsync();
        }
    }

    private async Task RestoreAsync()
    {
        try
        {
            using var deadline = new CancellationTokenSource(options.CommandTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stopping.Token);
            feed.Hold();
            if (await links.RenewAsync(either.Token))
            {
                metrics.Resubscribed(await subscriptions.ResubscribeAsync(either.Token));
            }

            await links.ProveAsync(either.Token);
        }
        catch (Exception e) when (RedisLinks.IsUnavailable(e))
        {
            // Lost again meanwhile, or not allowed: the next round tries anew, with links on which nothing was begun.
            links.Distrust();
            if (_toldProblem != e.Message && !_stopping.IsCancellationRequested)
            {
                _toldProblem = e.Message;
                LogNotProven(links.Endpoints, e.Message);
            }

            return;
        }

        _toldProblem = null;

        // A link that broke during this is found by the next round: it stays broken until it is opened anew.
        LogUp(links.Endpoints, subscriptions.Count);
        audit.Expect();
        feed.Return();
    }
}
