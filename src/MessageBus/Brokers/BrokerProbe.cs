using System.Buffers.Binary;
using Microsoft.Extensions.Logging;

namespace MessageBus.Brokers;

/// <summary>
/// Shows that publications pass: publishes on a control channel of the gateway's own, on the way of every publication, and listens for it on the way of every
/// subscription. A connection that merely looks alive proves nothing. Where nothing is heard for three periods, the broker is distrusted.
/// </summary>
internal sealed partial class BrokerProbe(
    IBroker broker, ControlChannels control, BrokerMetrics metrics, BrokerOptions options, TimeProvider time, ILogger<BrokerProbe> logger) : IDisposable
{
    private const int MissedBeforeDistrust = 3;

    private readonly string _channel = $"probe:{Guid.NewGuid():N}";
    private readonly CancellationTokenSource _stopping = new();
    private readonly ILogger _logger = logger;
    private Task _watching = Task.CompletedTask;
    private ControlSubscription? _subscription;
    private int _missed;
    private int _heardSinceLook;
    private bool _hasReturnedSinceLook;
    private volatile bool _isMissing;

    /// <summary>Once the broker was started.</summary>
    public void Start()
    {
        control.Restored += () => Volatile.Write(ref _hasReturnedSinceLook, true);
        _watching = WatchAsync();
    }

    /// <summary>May be called again, and without a start.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _watching;
    }

    /// <summary>For a host that failed to start. The source itself is kept: a stop may still come.</summary>
    public void Dispose() => _stopping.Cancel();

    private async Task WatchAsync()
    {
        using var periods = new PeriodicTimer(options.ProbeInterval, time);
        var sending = SendAsync();
        while (await EndsAsync(periods))
        {
            Look();

            // One that waits for a broker that hangs is not joined by others.
            sending = sending.IsCompleted ? SendAsync() : sending;
        }

        await sending;
    }

    /// <summary>False where the probe is stopped instead.</summary>
    private async Task<bool> EndsAsync(PeriodicTimer period)
    {
        try
        {
            return await period.WaitForNextTickAsync(_stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>
    /// Periods are counted, not time: a process that was stopped for a while has missed nothing. A broker that is down is left to itself; it proves that
    /// publications pass before it says that it is up. Nor does a period count that it was away in: what was sent then is rightly lost.
    /// </summary>
    private void Look()
    {
        var hasReturned = Interlocked.Exchange(ref _hasReturnedSinceLook, false);
        if (Interlocked.Exchange(ref _heardSinceLook, 0) > 0 || hasReturned || broker.State is BrokerState.Down)
        {
            _missed = 0;
        }
        else if (++_missed >= MissedBeforeDistrust)
        {
            _missed = 0;
            if (!_isMissing)
            {
                _isMissing = true;
                LogMissing(MissedBeforeDistrust, options.ProbeInterval);
            }

            broker.Distrust();
        }
    }

    private async Task SendAsync()
    {
        try
        {
            _subscription ??= await control.ListenAsync(_channel, Hear, _stopping.Token);
            if (_subscription.IsAccepted)
            {
                var stamp = new byte[sizeof(long)];
                BinaryPrimitives.WriteInt64LittleEndian(stamp, time.GetTimestamp());
                await control.PublishAsync(_channel, stamp, _stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
        catch (Exception e)
        {
            // Counts as missed, like any other that does not arrive.
            LogFailed(e);
        }
    }

    private void Hear(ReadOnlyMemory<byte> stamp)
    {
        Interlocked.Increment(ref _heardSinceLook);
        _isMissing = false;
        if (BinaryPrimitives.TryReadInt64LittleEndian(stamp.Span, out var sentAt))
        {
            metrics.RoundTrip(time.GetElapsedTime(sentAt));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What the gateway publishes to itself has not arrived {Times} times, each within {Interval}: the broker is connected to anew.")]
    private partial void LogMissing(int times, TimeSpan interval);

    [LoggerMessage(Level = LogLevel.Error, Message = "Publishing to itself failed; the gateway tries again.")]
    private partial void LogFailed(Exception exception);
}
