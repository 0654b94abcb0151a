using MessageBus.Delivery;
using MessageBus.Limits;
using MessageBus.Protocol;
using Microsoft.Extensions.Logging;

namespace MessageBus.Taps;

/// <summary>
/// The taps that are open, a few at once (<see cref="LimitOptions.MaxTaps"/>). One on a channel that nobody here is subscribed to subscribes to it, as a
/// client would.
/// </summary>
internal sealed partial class OpenTaps(
    ChannelDirectory directory, DeliveryLoops loops, LimitOptions limits, TimeProvider time, ILogger<OpenTaps> logger)
{
    private readonly ILogger _logger = logger;

    // One for all, so that taps of a channel share its events.
    private readonly TapEncoding _encoding = new(time);
    private int _count;

    /// <summary>The tap, or why there is none. Whoever gets one disposes it.</summary>
    public async Task<(Tap? Tap, TapRefusal Refusal)> OpenAsync(ChannelName channel)
    {
        Tap? tap = null;
        try
        {
            if (Interlocked.Increment(ref _count) > limits.MaxTaps)
            {
                return (null, TapRefusal.TooMany);
            }

            var loop = loops.Next();
            if (await directory.AcquireAsync(channel, _encoding, loop.Index) is not { } group)
            {
                return (null, TapRefusal.Unavailable);
            }

            LogOpened();
            LogChannel(channel);
            tap = new Tap(group, loop, time, ended: () => End(group, loop));
            return (tap, TapRefusal.None);
        }
        finally
        {
            if (tap is null)
            {
                Interlocked.Decrement(ref _count);
            }
        }
    }

    private void End(SubscriberGroup group, DeliveryLoop loop)
    {
        directory.Release(group, loop.Index);
        Interlocked.Decrement(ref _count);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "An operator looks at what comes on a channel.")]
    private partial void LogOpened();

    // The name of a channel can be all that keeps others away from it.
    [LoggerMessage(Level = LogLevel.Debug, Message = "The channel that an operator looks at is {Channel}.")]
    private partial void LogChannel(ChannelName channel);
}

/// <summary>Why a tap was not opened.</summary>
internal enum TapRefusal
{
    None,

    /// <summary>As many are open as may be.</summary>
    TooMany,

    /// <summary>The broker is not there.</summary>
    Unavailable,
}
