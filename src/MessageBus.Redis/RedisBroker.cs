using System.Runtime.InteropServices;
using MessageBus.Brokers;
using MessageBus.Protocol;
using MessageBus.Redis.Links;
using MessageBus.Redis.Settings;
using MessageBus.Redis.Subscriptions;
using MessageBus.Redis.Supervision;
using MessageBus.Redis.Topology;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace MessageBus.Redis;

/// <summary>
/// The broker over Redis pub/sub. Channel names are literal, never patterns. Redis keeps nothing for a subscriber that is away: after every interruption all
/// channels are subscribed again, and only then is the broker said to be back.
/// </summary>
internal sealed partial class RedisBroker(IOptions<RedisBrokerOptions> options, TimeProvider time, BrokerMetrics metrics, ILogger<RedisBroker> logger) : IBroker, IDisposable
{
    private readonly RedisBrokerOptions _options = options.Value;
    private readonly ILogger _logger = logger;
    private Started? _started;
    private bool _isStopped;

    public BrokerState State => _started is { Feed.IsUp: true } ? BrokerState.Up : BrokerState.Down;

    /// <summary>For what else connects to Redis.</summary>
    public RedisHome Home { get; } = new();

    public string? Problem => State is BrokerState.Up ? null : _started?.Supervisor.Problem;

    public async Task StartAsync(IBrokerSink sink, CancellationToken cancellationToken)
    {
        if (!RedisSettings.TryRead(_options.Configuration, _options.User, _options.Password, out var settings, out var problem))
        {
            throw new InvalidOperationException(problem);
        }

        var times = new RedisTimes(_options.CommandTimeout, _options.ReconnectInterval, _options.VerifyInterval);
        var events = new SupervisorEvents(time);
        var topology = RedisTopology.Of(settings, time, logger);
        var feed = new RedisFeed(sink, time, logger);
        var subscriptions = new RedisSubscriptions(feed.Deliver, _options.CommandTimeout, time, logger);
        var audit = new SubscriptionAudit(subscriptions, feed, times, time, logger);
        var dialer = new RedisDialer(settings, _options.ReconnectInterval, time, events.Wake);
        var supervisor = new RedisSupervisor(settings, Home, topology, dialer, feed, subscriptions, audit, times, events, metrics, time, logger);
        _started = new Started(topology, feed, subscriptions, supervisor);
        await supervisor.StartAsync();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // A host may stop its services more than once, and after it has disposed them.
        if (!Interlocked.Exchange(ref _isStopped, true) && _started is not null)
        {
            _started.Feed.End();
            await _started.Supervisor.StopAsync();
        }
    }

    public async ValueTask<BrokerResult> PublishAsync(ChannelName channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        if (_started is not { Feed.IsUp: true, Supervisor.Home: { } pair } started || started.Topology.IsMoving)
        {
            return BrokerResult.Unavailable;
        }

        try
        {
            // The call itself puts the command on the link: the order of calls is the order at Redis. What asks for the role follows it there.
            var publishing = pair.Publisher.PublishAsync(RedisChannel.Literal(channel.Value), AsValue(payload));
            var confirming = started.Topology.NeedsPrimary ? pair.Fence.ConfirmAsync() : Task.FromResult(true);
            await publishing.WaitAsync(_options.CommandTimeout, time, cancellationToken);
            if (!await confirming.WaitAsync(_options.CommandTimeout, time, cancellationToken))
            {
                pair.Doubt("it has become a replica");
                return BrokerResult.Unavailable;
            }

            // Taken by a Redis that was left meanwhile: others may not hear it.
            return ReferenceEquals(pair, started.Supervisor.Home) && !pair.Doubted.IsCompleted && !started.Topology.IsMoving
                ? BrokerResult.Accepted
                : BrokerResult.Unavailable;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // A link that ends meanwhile does so in many ways. The publication may or may not have passed.
            LogNotPublished(e, channel.Value);
            return BrokerResult.Unavailable;
        }
    }

    public async Task<BrokerResult> SubscribeAsync(ChannelName channel, CancellationToken cancellationToken) =>
        _started is { Feed.IsUp: true, Supervisor.Home: { } pair } ? await _started.Subscriptions.AddAsync(pair, channel, cancellationToken) : BrokerResult.Unavailable;

    public Task UnsubscribeAsync(ChannelName channel, CancellationToken cancellationToken) =>
        _started?.Subscriptions.RemoveAsync(_started.Supervisor.Home, channel, cancellationToken) ?? Task.CompletedTask;

    public void Distrust() => _started?.Supervisor.Home?.Doubt("what the gateway publishes does not come back");

    public void Dispose()
    {
        // For a host that failed to start: there is no stop then.
        _isStopped = true;
        _started?.Supervisor.Dispose();
    }

    /// <summary>The client wants a whole array. A payload is nearly always one already.</summary>
    private static RedisValue AsValue(ReadOnlyMemory<byte> payload) =>
        MemoryMarshal.TryGetArray(payload, out var segment) && segment.Array!.Length == segment.Count
            ? segment.Array
            : payload.ToArray();

    [LoggerMessage(Level = LogLevel.Debug, Message = "A publication on {Channel} was not taken, or not answered.")]
    private partial void LogNotPublished(Exception exception, string channel);

    private sealed record Started(IRedisTopology Topology, RedisFeed Feed, RedisSubscriptions Subscriptions, RedisSupervisor Supervisor);
}
