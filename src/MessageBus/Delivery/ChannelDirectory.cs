using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using MessageBus.Brokers;
using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>
/// The channels that this gateway is subscribed to at the broker: one subscription per channel, however many connections want it.
/// The first one subscribes, those that come meanwhile wait for the same acknowledgement, and a while after the last one has left
/// (<see cref="DeliveryOptions.SubscriptionLinger"/>) the channel is given back.
/// </summary>
internal sealed class ChannelDirectory(IBroker broker, DeliveryOptions options, int loops, TimeProvider time)
{
    private static readonly Task<BrokerResult> Accepted = Task.FromResult(BrokerResult.Accepted);

    // Guards every change of the fields below and the counts of each channel. Looking a channel up takes no lock.
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<ChannelName, LocalChannel> _channels = new();
    private readonly Dictionary<ChannelName, Task> _leaving = [];
    private readonly Queue<(LocalChannel Channel, long IdleSince)> _idle = new();

    /// <summary>Channels subscribed at the broker, with those that wait for it and those that linger.</summary>
    public int Count => _channels.Count;

    public bool TryFind(ChannelName name, [NotNullWhen(true)] out LocalChannel? channel) => _channels.TryGetValue(name, out channel);

    /// <summary>
    /// The channel's group with this encoding, once the broker has acknowledged the channel's subscription; null where the broker is not available.
    /// </summary>
    public async Task<SubscriberGroup?> AcquireAsync(ChannelName name, IMessageEncoding encoding, int loop)
    {
        LocalChannel? channel;
        SubscriberGroup group;
        lock (_gate)
        {
            if (!_channels.TryGetValue(name, out channel))
            {
                channel = new LocalChannel(name, loops);
                _channels[name] = channel;
                channel.Subscribed = SubscribeAsync(channel, _leaving.GetValueOrDefault(name, Task.CompletedTask));
            }

            group = channel.Group(encoding);
            group.Add(loop);
        }

        return await channel.Subscribed is BrokerResult.Accepted ? group : null;
    }

    /// <summary>Gives back what <see cref="AcquireAsync"/> gave.</summary>
    public void Release(SubscriberGroup group, int loop)
    {
        lock (_gate)
        {
            group.Remove(loop);
            var channel = group.Channel;
            if (channel.Count is 0)
            {
                channel.IdleSince = time.GetTimestamp();
                _idle.Enqueue((channel, channel.IdleSince));
            }
        }
    }

    /// <summary>Unsubscribes the channels that nobody has wanted for the linger.</summary>
    public void Sweep()
    {
        lock (_gate)
        {
            while (_idle.TryPeek(out var oldest) && time.GetElapsedTime(oldest.IdleSince) >= options.SubscriptionLinger)
            {
                _idle.Dequeue();
                var (channel, idleSince) = oldest;
                var stillIdle = channel.Count is 0 && channel.IdleSince == idleSince;
                if (stillIdle && _channels.TryRemove(KeyValuePair.Create(channel.Name, channel)))
                {
                    _leaving[channel.Name] = UnsubscribeAsync(channel.Name);
                }
            }
        }
    }

    /// <summary>The channels with subscriptions on this gateway.</summary>
    public IEnumerable<LocalChannel> All => from pair in _channels where pair.Value.Count > 0 select pair.Value;

    /// <summary>Waits for the unsubscribing that is under way.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            return Task.WhenAll(_leaving.Values);
        }
    }

    private async Task<BrokerResult> SubscribeAsync(LocalChannel channel, Task leaving)
    {
        // Out of the caller's lock first.
        await Task.Yield();
        var result = BrokerResult.Unavailable;
        try
        {
            // A subscribe must not overtake the unsubscribe before it.
            await leaving;
            result = await broker.SubscribeAsync(channel.Name, CancellationToken.None);
        }
        finally
        {
            lock (_gate)
            {
                if (result is BrokerResult.Accepted)
                {
                    // The same for all channels: the task of this method would be kept for as long as the channel.
                    channel.Subscribed = Accepted;
                }
                else
                {
                    _channels.TryRemove(KeyValuePair.Create(channel.Name, channel));
                }
            }
        }

        return result;
    }

    private async Task UnsubscribeAsync(ChannelName name)
    {
        await Task.Yield();
        try
        {
            await broker.UnsubscribeAsync(name, CancellationToken.None);
        }
        finally
        {
            lock (_gate)
            {
                _leaving.Remove(name);
            }
        }
    }
}
