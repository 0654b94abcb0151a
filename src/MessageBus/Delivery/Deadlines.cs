using MessageBus.Limits;
using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>
/// Every deadline of a loop's subscribers in one place, looked at once a tick: there is no timer per connection. What waits for them is counted on the way.
/// Durations are in ticks of the time provider, so that a check is a few subtractions. Only for the thread that does the turn.
/// </summary>
internal sealed class Deadlines(LimitOptions limits, FlushList flushes, LoopMeter meter, LoopFaults faults, TimeProvider time)
{
    /// <summary>What a client may take, on top of two ping intervals, before it counts as gone.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly long _pingInterval = Ticks(limits.PingInterval, time);
    private readonly long _silence = Ticks((2 * limits.PingInterval) + Grace, time);
    private readonly long _connectTimeout = Ticks(limits.ConnectTimeout, time);
    private readonly long _closeTimeout = Ticks(limits.CloseTimeout, time);
    private readonly long _backlogAge = Ticks(limits.MaxBacklogAge, time);

    public void Check(ReadOnlySpan<Subscriber> subscribers)
    {
        var now = time.GetTimestamp();
        var (backlog, largest, blocked) = (0L, 0L, 0L);
        foreach (var subscriber in subscribers)
        {
            try
            {
                Check(subscriber, now);
            }
            catch (Exception e)
            {
                faults.ItemFailed(e, LoopItemKind.Tick, subscriber);
            }

            if (subscriber is { BusySince: not null, HasEnded: false })
            {
                blocked++;
                backlog += subscriber.Queue.Bytes;
                largest = Math.Max(largest, subscriber.Queue.Bytes);
            }
        }

        (meter.Backlog, meter.LargestBacklog, meter.Blocked) = (backlog, largest, blocked);
    }

    private void Check(Subscriber subscriber, long now)
    {
        // The transport of one that was cut may be another's by now.
        if (subscriber.IsAborted)
        {
            return;
        }

        subscriber.Queue.Trim();
        if (subscriber.ClosingSince is { } closing)
        {
            if (now - closing > _closeTimeout)
            {
                Abort(subscriber);
            }
        }
        else if (ReasonToClose(subscriber, now) is { } reason)
        {
            subscriber.Owner.Close(reason);
        }
        else if (subscriber.IsConnected && IsPingDue(subscriber, now))
        {
            subscriber.LastPing = now;
            flushes.Append(subscriber, SharedMessage.Ping.In(subscriber.Encoding));
        }
    }

    private CloseReason? ReasonToClose(Subscriber subscriber, long now) =>
        now >= subscriber.ExpiresAt ? CloseReason.Unauthorized
        : now - subscriber.LastHeard > _silence ? CloseReason.HeartbeatMissed
        : !subscriber.IsConnected ? now - subscriber.AttachedAt > _connectTimeout ? CloseReason.ConnectTimeout : null
        : subscriber.BusySince is { } busy && now - busy > _backlogAge ? CloseReason.TooSlow
        : null;

    /// <summary>Also when only the client has been quiet: one that receives all the time would otherwise never be asked for a sign of life.</summary>
    private bool IsPingDue(Subscriber subscriber, long now)
    {
        var quietSince = Math.Min(subscriber.LastSent, subscriber.LastHeard);
        return now - Math.Max(quietSince, subscriber.LastPing) >= _pingInterval;
    }

    private static void Abort(Subscriber subscriber)
    {
        subscriber.IsAborted = true;
        try
        {
            subscriber.Output.Abort();
        }
        finally
        {
            FlushList.End(subscriber);
        }
    }

    private static long Ticks(TimeSpan duration, TimeProvider time) => (long)(duration.TotalSeconds * time.TimestampFrequency);
}
