using System.Collections.Concurrent;
using System.Text;
using MessageBus.Brokers;
using MessageBus.Protocol;
using MessageBus.Redis.Links;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MessageBus.Redis.Subscriptions;

/// <summary>The channels that the gateway is subscribed to at Redis. Each is subscribed by itself, so that what one suffers does not concern the others.</summary>
internal sealed partial class RedisSubscriptions
{
    /// <summary>How many are under way at once when all are subscribed anew. While some are acknowledged, however slowly, it goes on.</summary>
    private const int AtOnce = 2000;

    private readonly Action<ChannelName, ReadOnlyMemory<byte>> _deliver;
    private readonly TimeSpan _commandTimeout;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, RedisSubscription> _held = new(StringComparer.Ordinal);

    // By the characters of a name: none is made anew for each publication.
    private readonly ConcurrentDictionary<string, RedisSubscription>.AlternateLookup<ReadOnlySpan<char>> _byCharacters;

    public RedisSubscriptions(Action<ChannelName, ReadOnlyMemory<byte>> deliver, TimeSpan commandTimeout, TimeProvider time, ILogger logger)
    {
        (_deliver, _commandTimeout, _time, _logger) = (deliver, commandTimeout, time, logger);
        _byCharacters = _held.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public int Count => _held.Count;

    /// <summary>Those that Redis has to have.</summary>
    public IEnumerable<RedisSubscription> Accepted => _held.Values.Where(one => one.IsAccepted);

    /// <summary>Whether it was not given back meanwhile.</summary>
    public bool Holds(RedisSubscription subscription) => _held.TryGetValue(subscription.Name.Value, out var held) && ReferenceEquals(subscription, held);

    /// <summary>Takes a publication from the tap of a link.</summary>
    public void Deliver(ReadOnlySpan<byte> channel, ReadOnlyMemory<byte> payload)
    {
        // What is longer, or no UTF-8, was not subscribed here.
        Span<char> characters = stackalloc char[ChannelName.MaxBytes];
        if (channel.Length <= ChannelName.MaxBytes
            && Encoding.UTF8.TryGetChars(channel, characters, out var length)
            && _byCharacters.TryGetValue(characters[..length], out var subscription))
        {
            _deliver(subscription.Name, payload);
        }
    }

    /// <summary>Subscribes, and gives the channel back where Redis has not acknowledged it in time.</summary>
    public async Task<BrokerResult> AddAsync(RedisPair pair, ChannelName channel, CancellationToken cancellationToken)
    {
        var subscription = _held.GetOrAdd(channel.Value, static (_, name) => new RedisSubscription(name), channel);
        try
        {
            await subscription.SubscribeAsync(pair.Subscriber).WaitAsync(_commandTimeout, _time, cancellationToken);

            // Where the client finds no server to send it to, it calls the subscription done all the same.
            if (!pair.Doubted.IsCompleted && pair.Subscriber.SubscribedEndpoint(subscription.Channel) is not null)
            {
                subscription.IsAccepted = true;
                return BrokerResult.Accepted;
            }
        }
        catch (Exception e)
        {
            // Given back below. The client has many ways to say that a link has ended meanwhile.
            if (RedisError.IsForbidden(e))
            {
                LogForbidden(channel.Value, e.Message);
            }
            else
            {
                LogNotSubscribed(e, channel.Value);
            }
        }

        await RemoveAsync(pair, channel, CancellationToken.None);
        return BrokerResult.Unavailable;
    }

    public async Task RemoveAsync(RedisPair? pair, ChannelName channel, CancellationToken cancellationToken)
    {
        if (!_held.TryRemove(channel.Value, out var subscription) || pair is null)
        {
            return;
        }

        try
        {
            await subscription.UnsubscribeAsync(pair.Subscriber).WaitAsync(_commandTimeout, _time, cancellationToken);
        }
        catch (Exception e)
        {
            // The link is down: Redis has forgotten the subscription with it.
            LogNotUnsubscribed(e, channel.Value);
        }
    }

    /// <summary>Subscribes all of them on a new pair, and says how many they were.</summary>
    /// <exception cref="TimeoutException">For as long as a command may take, Redis has acknowledged none.</exception>
    public async Task<int> ResubscribeAsync(RedisPair pair, CancellationToken cancellationToken)
    {
        var all = _held.Values.ToList();
        foreach (var some in all.Chunk(AtOnce))
        {
            await Task.WhenAll(some.Select(one => ResubscribeAsync(pair, one))).WaitAsync(_commandTimeout, _time, cancellationToken);
        }

        // Those that were given back meanwhile.
        await Task.WhenAll(all.Where(one => !Holds(one)).Select(one => one.UnsubscribeAsync(pair.Subscriber))).WaitAsync(_commandTimeout, _time, cancellationToken);
        return all.Count;
    }

    private async Task ResubscribeAsync(RedisPair pair, RedisSubscription subscription)
    {
        try
        {
            await subscription.SubscribeAsync(pair.Subscriber);
            subscription.IsAccepted = true;
        }
        catch (RedisServerException e) when (RedisError.IsForbidden(e))
        {
            // One that Redis does not allow any more keeps no other from coming back.
            subscription.IsAccepted = false;
            LogForbidden(subscription.Name.Value, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Channel {Channel} could not be subscribed.")]
    private partial void LogNotSubscribed(Exception exception, string channel);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Channel {Channel} could not be unsubscribed.")]
    private partial void LogNotUnsubscribed(Exception exception, string channel);

    [LoggerMessage(Level = LogLevel.Error, Message = "Redis does not let the gateway subscribe to channel {Channel}: {Reason}.")]
    private partial void LogForbidden(string channel, string reason);
}
