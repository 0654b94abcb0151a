using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MessageBus.Redis;

/// <summary>
/// Asks Redis now and then which of the gateway's channels nobody is subscribed to: <c>PUBSUB NUMSUB channel</c> (https://redis.io/commands/pubsub-numsub).
/// It counts all subscribers, so that one of another gateway hides ours; the probe and the new link after every break are what such a channel relies on.
/// </summary>
internal sealed partial class SubscriptionAudit(
    RedisLinks links, RedisSubscriptions subscriptions, RedisFeed feed, RedisBrokerOptions options, TimeProvider time, ILogger logger)
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
    public void BeginNowAndThen(CancellationToken stopping)
    {
        if (feed.IsUp && _asking.IsCompleted && (_askedAt is not { } last || time.GetElapsedTime(last) >= options.VerifyInterval))
        {
            _askedAt = time.GetTimestamp();
            _asking = AskAsync(links.Subscriber, stopping);
        }
    }

    /// <summary>The next one is due at once.</summary>
    public void Expect() => _askedAt = null;

    /// <summary>Ends with the one that is under way.</summary>
    public Task EndAsync() => _asking;

    private async Task AskAsync(ISubscriber subscriber, CancellationToken stopping)
    {
        try
        {
            using var deadline = new CancellationTokenSource(options.CommandTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
            var missing = await FindMissingAsync(subscriber, subscriptions.Accepted, either.Token);
            if (missing.Count > 0)
            {
                await Task.Delay(SecondLook, time, either.Token);
                missing = await FindMissingAsync(subscriber, missing, either.Token);
            }

            if (feed.IsUp && links.AreWhole && ReferenceEquals(subscriber, links.Subscriber))
            {
                // Those that were given back meanwhile are rightly gone.
                Judge(missing.Count(subscriptions.Holds));
            }
        }
        catch (Exception e) when (RedisLinks.IsUnavailable(e) || !links.AreWhole || !ReferenceEquals(subscriber, links.Subscriber))
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

    private void Judge(int missing)
    {
        if (missing is 0)
        {
            _foundMissing = false;
        }
        else if (!_foundMissing)
        {
            // Once: where new links do not help, Redis counts in a way of its own, and ever newer ones would only interrupt everybody.
            _foundMissing = true;
            LogNotSubscribed(links.Endpoints, missing);
            links.Replace();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis at {Endpoints} has {Channels} channels not subscribed that should be. The links are opened anew.")]
    private partial void LogNotSubscribed(string endpoints, int channels);

    [LoggerMessage(Level = LogLevel.Error, Message = "Asking Redis for its subscriptions failed; it is tried again.")]
    private partial void LogAskingFailed(Exception exception);
}
