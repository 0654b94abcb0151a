using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>
/// Every deadline of a connection in one place, looked at once a tick: there is no timer per connection.
/// Durations are in ticks of the time provider, so that a check is a few subtractions.
/// </summary>
internal sealed class Heartbeat(MessageBusOptions options, TimeProvider time)
{
    /// <summary>What a client may take, on top of two ping intervals, before it counts as gone.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly long _pingInterval = Ticks(options.PingInterval, time);
    private readonly long _silence = Ticks((2 * options.PingInterval) + Grace, time);
    private readonly long _connectTimeout = Ticks(options.ConnectTimeout, time);
    private readonly long _closeTimeout = Ticks(options.CloseTimeout, time);
    private readonly long _backlogAge = Ticks(options.MaxBacklogAge, time);

    public HeartbeatAction Check(Subscriber subscriber, long now)
    {
        if (subscriber.ClosingSince is { } closing)
        {
            return now - closing > _closeTimeout ? new(Kind: HeartbeatKind.Abort) : default;
        }

        if (now >= subscriber.ExpiresAt)
        {
            return new(HeartbeatKind.Close, CloseReason.Unauthorized);
        }

        if (now - subscriber.LastHeard > _silence)
        {
            return new(HeartbeatKind.Close, CloseReason.HeartbeatMissed);
        }

        if (!subscriber.IsConnected)
        {
            return now - subscriber.AttachedAt > _connectTimeout ? new(HeartbeatKind.Close, CloseReason.ConnectTimeout) : default;
        }

        if (subscriber.BusySince is { } busy && now - busy > _backlogAge)
        {
            return new(HeartbeatKind.Close, CloseReason.TooSlow);
        }

        // Also when only the client has been quiet: one that receives all the time would otherwise never be asked for a sign of life.
        var quietSince = Math.Min(subscriber.LastSent, subscriber.LastHeard);
        return now - Math.Max(quietSince, subscriber.LastPing) >= _pingInterval ? new(HeartbeatKind.Ping) : default;
    }

    private static long Ticks(TimeSpan duration, TimeProvider time) => (long)(duration.TotalSeconds * time.TimestampFrequency);
}

internal readonly record struct HeartbeatAction(HeartbeatKind Kind, CloseReason Reason = default);

internal enum HeartbeatKind
{
    None,
    Ping,
    Close,
    Abort,
}
