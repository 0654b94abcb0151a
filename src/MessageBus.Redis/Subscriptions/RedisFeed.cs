using MessageBus.Brokers;
using MessageBus.Protocol;
using Microsoft.Extensions.Logging;

namespace MessageBus.Redis.Subscriptions;

/// <summary>
/// What the gateway hears of Redis: its publications, its loss and its return. Between the two nothing is delivered, although links may bring something: it
/// would show a client a hole that it does not know of. The gap that is told with the return covers it.
/// </summary>
internal sealed partial class RedisFeed(IBrokerSink sink, TimeProvider time, ILogger logger)
{
    private readonly ILogger _logger = logger;

    // Guards _isUp together with the calls to the sink: nothing is delivered after a loss was told or before a return was.
    private readonly Lock _gate = new();
    private volatile bool _isUp;

    /// <summary>What the gateway was told last.</summary>
    public bool IsUp => _isUp;

    /// <summary>Takes what a subscription brings. Never throws.</summary>
    public void Deliver(ChannelName channel, ReadOnlyMemory<byte> payload)
    {
        lock (_gate)
        {
            if (!_isUp)
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
    }

    public void Lose()
    {
        lock (_gate)
        {
            if (_isUp)
            {
                _isUp = false;
                sink.BrokerLost();
            }
        }
    }

    public void Return()
    {
        lock (_gate)
        {
            _isUp = true;
            sink.BrokerRestored();
        }
    }

    /// <summary>The gateway stops, and need not hear of it.</summary>
    public void End() => _isUp = false;

    [LoggerMessage(Level = LogLevel.Error, Message = "A publication on {Channel} could not be delivered.")]
    private partial void LogDeliveryFailed(Exception exception, string channel);
}
