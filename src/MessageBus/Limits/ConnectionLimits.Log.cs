using Microsoft.Extensions.Logging;

namespace MessageBus.Limits;

internal sealed partial class ConnectionLimits
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMinutes(1);

    // By limit. One line for each limit and minute, however many are refused.
    private readonly long[] _reportedAt = new long[Enum.GetValues<Limit>().Length];

    private LimitReached? Report(LimitReached? reached)
    {
        if (reached is { } one)
        {
            ref var reportedAt = ref _reportedAt[(int)one.Limit];
            var last = Volatile.Read(ref reportedAt);
            var now = _time.GetTimestamp();
            if (_time.GetElapsedTime(last, now) >= ReportInterval && Interlocked.CompareExchange(ref reportedAt, now, last) == last)
            {
                if (one.Limit is Limit.MaxConnectionsPerAddress or Limit.MaxHandshakesPerSecondPerAddress)
                {
                    LogReachedByAddress(one.Limit, ValueOf(one.Limit));
                }
                else
                {
                    LogReached(one.Limit, ValueOf(one.Limit));
                }
            }
        }

        return reached;
    }

    private int ValueOf(Limit limit) => limit switch
    {
        Limit.MaxConnections => _options.MaxConnections,
        Limit.MaxConnectionsPerAddress => _options.MaxConnectionsPerAddress,
        Limit.MaxConnectionsPerUser => _options.MaxConnectionsPerUser,
        Limit.MaxHandshakesPerSecond => _options.MaxHandshakesPerSecond,
        _ => _options.MaxHandshakesPerSecondPerAddress,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connections are refused: MessageBus:Limits:{Limit} ({Value}) is reached.")]
    private partial void LogReached(Limit limit, int value);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Connections of an address are refused: MessageBus:Limits:{Limit} ({Value}) is reached. Is that a proxy? Name it in MessageBus:Proxies (in an app of your own: UseForwardedHeaders), so that its clients count by their own addresses.")]
    private partial void LogReachedByAddress(Limit limit, int value);
}
