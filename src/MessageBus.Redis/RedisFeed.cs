using MessageBus.Brokers;
using MessageBus.Protocol;
using Microsoft.Extensions.Logging;

namespace MessageBus.Redis;

/// <summary>
/// What the gateway hears of Redis: its publications, its loss and its return. A link that has broken may bring something again, by itself, before the loss is
/// told; a new one does before all its channels are there. Both would show a client a hole that it does not know of, so they are dropped. The gap that is told
/// with the return covers them.
/// </summary>
internal sealed partial class RedisFeed(IBrokerSink sink, RedisLinks links, TimeProvider time, ILogger logger)
{
    private readonly ILogger _logger = logger;

    // Whoever finds _delivers false looks again under this: so nothing passes before the return of the broker is told, and nothing after it is dropped.
    private readonly Lock _return = new();
    private volatile bool _delivers;
    private volatile bool _isUp;

    /// <summary>What the gateway was told last.</summary>
    public bool IsUp => _isUp;

    /// <summary>Takes what a subscription brings. Never throws.</summary>
    public void Deliver(ChannelName channel, byte[] payload)
    {
        if (!MayDeliver())
        {
            return;
        }

        try
        {
            sink.Deliver(new Publication(channel, payload, time.GetTimestamp()));
        }
        catch (Exception e)
        {
            LogDeliveryFailed(e, channel.Value);
            sink.Missed(channel);
        }
    }

    public void Lose()
    {
        _isUp = false;
        sink.BrokerLost();
    }

    /// <summary>Channels are about to be subscribed on links that are new: nothing is delivered before the return is told.</summary>
    public void Hold() => _delivers &= links.BringsAll;

    public void Return()
    {
        lock (_return)
        {
            _isUp = true;
            sink.BrokerRestored();
            _delivers = true;
        }
    }

    /// <summary>The gateway stops, and need not hear of it.</summary>
    public void End() => _isUp = false;

    private bool MayDeliver()
    {
        if (_delivers && links.BringsAll)
        {
            return true;
        }

        lock (_return)
        {
            return _delivers && links.BringsAll;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A publication on {Channel} could not be delivered.")]
    private partial void LogDeliveryFailed(Exception exception, string channel);
}
