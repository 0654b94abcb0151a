using System.Collections.Concurrent;
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
internal sealed partial class RedisBroker : IBroker, IDisposable
{
    private readonly RedisBrokerOptions _options;
    private readonly TimeProvider _time;
    private readonly BrokerMetrics _metrics;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<ChannelName, RedisSubscription> _subscriptions = new();
    private readonly Action<ChannelName, byte[]> _deliver;
    private readonly SemaphoreSlim _linkChanged = new(0);
    private readonly CancellationTokenSource _stopping = new();
    private RedisLinks? _links;
    private IBrokerSink? _sink;
    private Task _watching = Task.CompletedTask;
    private Task _verifying = Task.CompletedTask;
    private volatile bool _isUp;

    // Whoever finds _delivers false looks again under this: so nothing passes before the return of the broker is told, and nothing after it is dropped.
    private readonly Lock _return = new();
    private volatile bool _delivers;
    private bool _isStopped;
    private string? _toldProblem;
    private long? _verifiedAt;
    private bool _isUnverified;

    public RedisBroker(IOptions<RedisBrokerOptions> options, TimeProvider time, BrokerMetrics metrics, ILogger<RedisBroker> logger)
    {
        _options = options.Value;
        _time = time;
        _metrics = metrics;
        _logger = logger;
        _deliver = Deliver;
    }

    public BrokerState State => _isUp ? BrokerState.Up : BrokerState.Down;

    public async Task StartAsync(IBrokerSink sink, CancellationToken cancellationToken)
    {
        _sink = sink;
        _links = await RedisLinks.OpenAsync(_options, _time, onChange: () => _linkChanged.Release());
        await FollowAsync();
        if (!_isUp)
        {
            LogAbsent(_links.Endpoints);
        }

        _watching = WatchAsync();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // A host may stop its services more than once, and after it has disposed them.
        if (Interlocked.Exchange(ref _isStopped, true))
        {
            return;
        }

        await _stopping.CancelAsync();
        await _watching;
        await _verifying;
        _isUp = false;
        _links?.Dispose();
    }

    public async ValueTask<BrokerResult> PublishAsync(ChannelName channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        if (!_isUp)
        {
            return BrokerResult.Unavailable;
        }

        try
        {
            // The call itself puts the command on the link: the order of calls is the order at Redis.
            await _links!.Publisher.PublishAsync(Literal(channel), AsValue(payload)).WaitAsync(_options.CommandTimeout, _time, cancellationToken);
            return BrokerResult.Accepted;
        }
        catch (Exception e) when (IsUnavailable(e))
        {
            return BrokerResult.Unavailable;
        }
    }

    public async Task<BrokerResult> SubscribeAsync(ChannelName channel, CancellationToken cancellationToken)
    {
        if (!_isUp)
        {
            return BrokerResult.Unavailable;
        }

        var subscription = _subscriptions.GetOrAdd(channel, static (name, broker) => new RedisSubscription(Literal(name), name, broker._deliver), this);
        try
        {
            await subscription.SubscribeAsync(_links!.Subscriber).WaitAsync(_options.CommandTimeout, _time, cancellationToken);

            // Where the client finds no server to send it to, it calls the subscription done all the same.
            if (_links.Subscriber.SubscribedEndpoint(Literal(channel)) is not null)
            {
                subscription.IsAccepted = true;
                return BrokerResult.Accepted;
            }
        }
        catch (Exception e) when (IsUnavailable(e))
        {
            // Given back below.
        }

        await UnsubscribeAsync(channel, CancellationToken.None);
        return BrokerResult.Unavailable;
    }

    public async Task UnsubscribeAsync(ChannelName channel, CancellationToken cancellationToken)
    {
        if (!_subscriptions.TryRemove(channel, out var subscription))
        {
            return;
        }

        try
        {
            await subscription.UnsubscribeAsync(_links!.Subscriber).WaitAsync(_options.CommandTimeout, _time, cancellationToken);
        }
        catch (Exception e) when (IsUnavailable(e))
        {
            // The link is down: Redis has forgotten the subscription with it, and the client will not bring it back.
        }
    }

    public void Distrust()
    {
        _links?.Distrust();
        _linkChanged.Release();
    }

    public void Dispose()
    {
        // For a host that failed to start: there is no stop then. What waits for the signal and the source must see them end, so they are not disposed;
        // they hold nothing that needs it.
        _isStopped = true;
        _stopping.Cancel();
        _links?.Dispose();
    }

    /// <summary>Follows the links, one change after the other, until the broker is stopped.</summary>
    private async Task WatchAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                // The client tells of changes by events; the interval is for a change that it did not tell.
                await _linkChanged.WaitAsync(_options.ReconnectInterval, _stopping.Token);
                await FollowAsync();
                VerifyNowAndThen();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                LogWatchFailed(e);
            }
        }
    }

    private async Task FollowAsync()
    {
        if (_isUp && !_links!.AreWhole)
        {
            _isUp = false;
            LogLost(_links.Endpoints);
            _sink!.BrokerLost();
        }

        if (!_isUp && await _links!.IsReachableAsync())
        {
            await RestoreAsync();
        }
    }

    /// <summary>Says that the broker is there, once Redis has acknowledged every channel and it is shown that what is published arrives.</summary>
    private async Task RestoreAsync()
    {
        try
        {
            using var deadline = new CancellationTokenSource(_options.CommandTimeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stopping.Token);
            _delivers &= _links!.BringsAll;
            if (await _links.RenewAsync(either.Token))
            {
                var successors = Successors().ToList();
                await Task.WhenAll(successors.Select(subscription => subscription.SubscribeAsync(_links.Subscriber))).WaitAsync(either.Token);
                _metrics.Resubscribed(successors.Count);
            }

            await _links.ProveAsync(either.Token);
        }
        catch (Exception e) when (IsUnavailable(e))
        {
            // Lost again meanwhile, or not allowed: the next round tries anew, with links on which nothing was begun.
            _links!.Distrust();
            if (_toldProblem != e.Message && !_stopping.IsCancellationRequested)
            {
                _toldProblem = e.Message;
                LogNotProven(_links.Endpoints, e.Message);
            }

            return;
        }

        _toldProblem = null;

        // A link that broke during this is found by the next round: it stays broken until it is opened anew.
        LogUp(_links.Endpoints, _subscriptions.Count);
        _verifiedAt = null;
        lock (_return)
        {
            _isUp = true;
            _sink!.BrokerRestored();
            _delivers = true;
        }
    }

    /// <summary>The channels for a new link, in place of those of the old one.</summary>
    private IEnumerable<RedisSubscription> Successors()
    {
        foreach (var (name, old) in _subscriptions)
        {
            var successor = old.Succeed();

            // Not the ones that are given back in this moment.
            if (_subscriptions.TryUpdate(name, successor, old))
            {
                yield return successor;
            }
        }
    }

    /// <summary>Time to compare again what Redis has subscribed with what it should have? Not waited for: a Redis that hangs must not keep the rest from being followed.</summary>
    private void VerifyNowAndThen()
    {
        if (_isUp && _verifying.IsCompleted && (_verifiedAt is not { } last || _time.GetElapsedTime(last) >= _options.VerifyInterval))
        {
            _verifiedAt = _time.GetTimestamp();
            _verifying = VerifyAsync(_links!.Subscriber);
        }
    }

    private async Task VerifyAsync(ISubscriber subscriber)
    {
        try
        {
            using var deadline = new CancellationTokenSource(_options.CommandTimeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stopping.Token);
            var missing = await SubscriptionAudit.FindMissingAsync(subscriber, _subscriptions.Values.Where(one => one.IsAccepted), either.Token);
            if (_isUp && _links!.AreWhole && ReferenceEquals(subscriber, _links.Subscriber))
            {
                // Those that were given back meanwhile are rightly gone.
                Judge(missing.Count(one => _subscriptions.TryGetValue(one.Name, out var held) && ReferenceEquals(one, held)));
            }
        }
        catch (Exception e) when (IsUnavailable(e))
        {
            // Lost, which is followed elsewhere; or Redis does not let us ask. The canary goes on proving that publications pass.
        }
        catch (Exception e)
        {
            LogWatchFailed(e);
        }
    }

    private void Judge(int missing)
    {
        if (missing is 0)
        {
            _isUnverified = false;
        }
        else if (!_isUnverified)
        {
            // Once: where new links do not help, Redis counts in a way of its own, and ever newer ones would only interrupt everybody.
            _isUnverified = true;
            LogNotSubscribed(_links!.Endpoints, missing);
            Distrust();
        }
    }

    private void Deliver(ChannelName channel, byte[] payload)
    {
        if (!MayDeliver())
        {
            return;
        }

        try
        {
            _sink!.Deliver(channel, payload);
        }
        catch (Exception e)
        {
            LogDeliveryFailed(e, channel.Value);
            _sink!.Missed(channel);
        }
    }

    /// <summary>
    /// A link that has broken may bring something again, by itself, before the loss is told; a new one does before all its channels are there. Both would
    /// show a client a hole that it does not know of. The gap that is told with the return covers what is dropped here.
    /// </summary>
    private bool MayDeliver()
    {
        if (_delivers && _links!.BringsAll)
        {
            return true;
        }

        lock (_return)
        {
            return _delivers && _links!.BringsAll;
        }
    }

    private static RedisChannel Literal(ChannelName channel) => new(channel.Value, RedisChannel.PatternMode.Literal);

    /// <summary>The client wants a whole array. A payload is nearly always one already.</summary>
    private static RedisValue AsValue(ReadOnlyMemory<byte> payload) =>
        MemoryMarshal.TryGetArray(payload, out var segment) && segment.Array!.Length == segment.Count
            ? segment.Array
            : payload.ToArray();

    private static bool IsUnavailable(Exception e) =>
        e is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException;
}
