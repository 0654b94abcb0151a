using System.Collections.Concurrent;
using StackExchange.Redis;

namespace MessageBus.Bench.Peers;

/// <summary>One subscription at Redis a channel, however many connections want it, through StackExchange.Redis.</summary>
internal sealed class RedisChannels(IConnectionMultiplexer redis, Action<string, string> deliver)
{
    private readonly ConcurrentDictionary<string, Lazy<Task>> _subscriptions = new(StringComparer.Ordinal);

    /// <summary>Completes when Redis has acknowledged the subscription.</summary>
    public Task SubscribeAsync(string channel) =>
        _subscriptions.GetOrAdd(channel, _ => new Lazy<Task>(() => BeginAsync(channel))).Value;

    private Task BeginAsync(string channel) => redis.GetSubscriber().SubscribeAsync(
        new RedisChannel(channel, RedisChannel.PatternMode.Literal), (_, payload) => deliver(channel, payload.ToString()));
}
