using System.Runtime.InteropServices;
using MessageBus.Brokers;
using MessageBus.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace MessageBus.Redis;

/// <summary>
/// The broker over Redis pub/sub. Subscribing and publishing have a link each, so that a burst of the one does not delay the other.
/// Channel names are literal, never patterns. Redis keeps nothing for a subscriber that is away: after every interruption of the subscriber link
/// all channels are subscribed again, and only then is the broker said to be back.
/// </summary>
internal sealed class RedisBroker(IOptions<RedisBrokerOptions> options, TimeProvider time, BrokerMetrics metrics, ILogger<RedisBroker> logger) : IBroker, IDisposable
{
    private readonly RedisBrokerOptions _options = options.Value;
    private Started? _started;
    private bool _isStopped;

    public BrokerState State => _started is { Feed.IsUp: true } ? BrokerState.Up : BrokerState.Down;

    public async Task StartAsync(IBrokerSink sink, CancellationToken cancellationToken)
    {
        var links = await RedisLinks.OpenAsync(_options, time);
        var feed = new RedisFeed(sink, links, time, logger);
        var subscriptions = new RedisSubscriptions(links, feed.Deliver, _options.CommandTimeout, time);
        var audit = new SubscriptionAudit(links, subscriptions, feed, _options, time, logger);
        _started = new Started(links, feed, subscriptions, new RedisRecovery(links, feed, subscriptions, audit, _options, metrics, time, logger));
        await _started.Recovery.StartAsync();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // A host may stop its services more than once, and after it has disposed them.
        if (Interlocked.Exchange(ref _isStopped, true) || _started is null)
        {
            return;
        }

        await _started.Recovery.StopAsync();
        _started.Feed.End();
        _started.Links.Dispose();
    }

    public async ValueTask<BrokerResult> PublishAsync(ChannelName channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        if (_started is not { Feed.IsUp: true })
        {
            return BrokerResult.Unavailable;
        }

        try
        {
            // The call itself puts the command on the link: the order of calls is the order at Redis.
            await _started.Links.Publisher.PublishAsync(RedisLinks.Literal(channel), AsValue(payload)).WaitAsync(_options.CommandTimeout, time, cancellationToken);
            return BrokerResult.Accepted;
        }
        catch (Exception e) when (RedisLinks.IsUnavailable(e))
        {
            return BrokerResult.Unavailable;
        }
    }

    public async Task<BrokerResult> SubscribeAsync(ChannelName channel, CancellationToken cancellationToken) =>
        _started is { Feed.IsUp: true } && await _started.Subscriptions.TryAddAsync(channel, cancellationToken) ? BrokerResult.Accepted : BrokerResult.Unavailable;

    public Task UnsubscribeAsync(ChannelName channel, CancellationToken cancellationToken) =>
        _started?.Subscriptions.RemoveAsync(channel, cancellationToken) ?? Task.CompletedTask;

    public void Distrust() => _started?.Links.Replace();

    public void Dispose()
    {
        // For a host that failed to start: there is no stop then.
        _isStopped = true;
        _started?.Recovery.Dispose();
        _started?.Links.Dispose();
    }

    /// <summary>The client wants a whole array. A payload is nearly always one already.</summary>
    private static RedisValue AsValue(ReadOnlyMemory<byte> payload) =>
        MemoryMarshal.TryGetArray(payload, out var segment) && segment.Array!.Length == segment.Count
            ? segment.Array
            : payload.ToArray();

    private sealed record Started(RedisLinks Links, RedisFeed Feed, RedisSubscriptions Subscriptions, RedisRecovery Recovery);
}
