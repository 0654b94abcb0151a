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
    private volatile bool _isUp;
    private bool _isStopped;
    private string? _toldProblem;

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
            if (await _links!.RenewAsync(either.Token))
            {
                var renewed = _subscriptions.Values.Select(subscription => subscription.RenewAsync(_links.Subscriber)).ToList();
                await Task.WhenAll(renewed).WaitAsync(either.Token);
                _metrics.Resubscribed(renewed.Count);
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
        _isUp = true;
        LogUp(_links.Endpoints, _subscriptions.Count);
        _sink!.BrokerRestored();
    }

    private void Deliver(ChannelName channel, byte[] payload)
    {
        try
        {
            _sink!.Deliver(channel, payload);
        }
        catch (Exception e)
        {
            LogDeliveryFailed(e, channel.Value);
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
