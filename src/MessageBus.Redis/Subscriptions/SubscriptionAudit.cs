using MessageBus.Redis.Links;
using MessageBus.Redis.Settings;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MessageBus.Redis.Subscriptions;

/// <summary>
/// Asks Redis now and then which of the gateway's channels nobody is subscribed to: <c>PUBSUB NUMSUB channel</c> (https://redis.io/commands/pubsub-numsub).
/// It counts all subscribers, so that one of another gateway hides ours; the probe and the new link after every break are what such a channel relies on.
/// </summary>
internal sealed partial class SubscriptionAudit(
    RedisSubscriptions subscriptions, RedisFeed feed, RedisTimes times, TimeProvider time, ILogger logger)
{
    /// <summary>Questions that are under way at once: a publication waits behind no more.</summary>
    private const int AtOnce = 500;

    // The client gives a subscription up for a moment where it moves it by itself. What is missing is missing after that, too.
    private static readonly TimeSpan SecondLook = TimeSpan.FromMilliseconds(250);

    private readonly ILogger _logger = logger;
    private Task _asking = Task.CompletedTask;
    private long? _askedAt;
    private bool _foundMissing;

    /// <summary>Begins one where it is time. Not waited for: a Redis that hangs must not keep the rest from being followed.</summary>
    public void BeginNowAndThen(RedisPair pair, CancellationToken stopping)
    {
        if (feed.IsUp && _asking.IsCompleted && (_askedAt is not { } last || time.GetElapsedTime(last) >= times.Verify))
        {
            _askedAt = time.GetTimestamp();
            _asking = AskAsync(pair, stopping);
        }
    }

    /// <summary>The next one is due at once.</summary>
    public void Expect() => _askedAt = null;

    /// <summary>Ends with the one that is under way.</summary>
    public Task EndAsync() => _asking;

    private async Task AskAsync(RedisPair pair, CancellationToken stopping)
    {
        try
        {
            using var deadline = new CancellationTokenSource(times.Command, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
            var missing = await FindMissingAsync(pair.Subscriber, subscriptions.Accepted, either.Token);
            if (missing.Count > 0)
            {
                await Task.Delay(SecondLook, time, either.Token);
                missing = await FindMissingAsync(pair.Subscriber, missing, either.Token);
            }

            if (!pair.Doubted.IsCompleted)
            {
                // Those that were given back meanwhile are rightly gone.
                Judge(pair, missing.Count(subscriptions.Holds));
            }
        }
        catch (Exception e) when (pair.Doubted.IsCompleted || e is RedisException or TimeoutException or OperationCanceledException)
        {
            // Lost, which is followed elsewhere: a client that was closed meanwhile says so in many ways. Or Redis does not let us ask. The probe goes on
            // proving that publications pass.
        }
        catch (Exception e)
        {
            LogAskingFailed(e);
        }
    }

    private static async Task<IReadOnlyList<RedisSubscription>> FindMissingAsync(
        ISubscriber subscriber, IEnumerable<RedisSubscription> among, CancellationToken cancellationToken)
    {
        var missing = new List<RedisSubscription>();
        foreach (var some in among.Chunk(AtOnce))
        {
            var counts = await Task.WhenAll(some.Select(one => CountAsync(subscriber, one.Channel))).WaitAsync(cancellationToken);
            missing.AddRange(some.Where((_, index) => counts[index] is 0));
        }

        return missing;
    }

    /// <summary>Redis counts what is subscribed at the server that is asked, so the one is asked that has the subscription.</summary>
    private static Task<long> CountAsync(ISubscriber subscriber, RedisChannel channel) =>
        subscriber.SubscribedEndpoint(channel) is { } endpoint
            ? subscriber.Multiplexer.GetServer(endpoint).SubscriptionSubscriberCountAsync(channel)
            : Task.FromResult(0L);

    private void Judge(RedisPair pair, int missing)
    {
        if (missing is 0)
        {
            _foundMissing = false;
        }
        else if (!_foundMissing)
        {
            // Once: where new links do not help, Redis counts in a way of its own, and ever newer ones would only interrupt everybody.
            _foundMissing = true;
            LogNotSubscribed(pair.Address, missing);
            pair.Doubt("channels are not subscribed there that should be");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis at {Address} has {Channels} channels not subscribed that should be. The links are opened anew.")]
    private partial void LogNotSubscribed(RedisAddress address, int channels);

    [LoggerMessage(Level = LogLevel.Error, Message = "Asking Redis for its subscriptions failed; it is tried again.")]
    private partial void LogAskingFailed(Exception exception);
}
