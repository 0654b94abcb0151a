using System.Collections.Concurrent;
using MessageBus.Protocol;

namespace MessageBus.Redis;

/// <summary>The channels that the gateway is subscribed to at Redis. Each is subscribed by itself, so that what one suffers does not concern the others.</summary>
internal sealed class RedisSubscriptions(RedisLinks links, Action<ChannelName, byte[]> deliver, TimeSpan commandTimeout, TimeProvider time)
{
    private readonly ConcurrentDictionary<ChannelName, RedisSubscription> _held = new();

    public int Count => _held.Count;

    /// <summary>Those that Redis has to have.</summary>
    public IEnumerable<RedisSubscription> Accepted => _held.Values.Where(one => one.IsAccepted);

    /// <summary>Whether it was not given back meanwhile.</summary>
    public bool Holds(RedisSubscription subscription) => _held.TryGetValue(subscription.Name, out var held) && ReferenceEquals(subscription, held);

    /// <summary>Subscribes, and gives the channel back where Redis has not acknowledged it in time.</summary>
    public async Task<bool> TryAddAsync(ChannelName channel, CancellationToken cancellationToken)
    {
        var subscription = _held.GetOrAdd(channel, static (name, deliver) => new RedisSubscription(RedisLinks.Literal(name), name, deliver), deliver);
        try
        {
            await subscription.SubscribeAsync(links.Subscriber).WaitAsync(commandTimeout, time, cancellationToken);

            // Where the client finds no server to send it to, it calls the subscription done all the same.
            if (links.Subscriber.SubscribedEndpoint(subscription.Channel) is not null)
            {
                subscription.IsAccepted = true;
                return true;
            }
        }
        catch (Exception e) when (RedisLinks.IsUnavailable(e))
        {
            // Given back below.
        }

        await RemoveAsync(channel, CancellationToken.None);
        return false;
    }

    public async Task RemoveAsync(ChannelName channel, CancellationToken cancellationToken)
    {
        if (!_held.TryRemove(channel, out var subscription))
        {
            return;
        }

        try
        {
            await subscription.UnsubscribeAsync(links.Subscriber).WaitAsync(commandTimeout, time, cancellationToken);
        }
        catch (Exception e) when (RedisLinks.IsUnavailable(e))
        {
            // The link is down: Redis has forgotten the subscription with it, and the client will not bring it back.
        }
    }

    /// <summary>Subscribes all of them on a new link, and says how many they were.</summary>
    public async Task<int> ResubscribeAsync(CancellationToken cancellationToken)
    {
        var successors = Successors().ToList();
        await Task.WhenAll(successors.Select(subscription => subscription.SubscribeAsync(links.Subscriber))).WaitAsync(cancellationToken);
        return successors.Count;
    }

    private IEnumerable<RedisSubscription> Successors()
    {
        foreach (var (name, old) in _held)
        {
            var successor = old.Succeed();

            // Not the ones that are given back in this moment.
            if (_held.TryUpdate(name, successor, old))
            {
                yield return successor;
            }
        }
    }
}
