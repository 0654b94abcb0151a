using MessageBus.Limits;
using Microsoft.Extensions.Logging;

namespace MessageBus.Delivery;

/// <summary>The loops of this gateway and the one timer that they share.</summary>
internal sealed class DeliveryLoops
{
    /// <summary>How often deadlines are looked at; they are kept to within this.</summary>
    public static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(500);

    private readonly DeliveryLoop[] _loops;
    private readonly TimeProvider _time;
    private ITimer? _ticker;
    private int _next;

    public DeliveryLoops(DeliveryOptions options, LimitOptions limits, TimeProvider time, ILogger<DeliveryLoop> logger, LoopHistograms histograms)
    {
        var count = options.Loops is 0 ? Math.Min(Environment.ProcessorCount, 64) : options.Loops;
        _loops = [.. Enumerable.Range(0, count).Select(i => new DeliveryLoop(i, limits, time, logger, histograms))];
        _time = time;
    }

    public ReadOnlySpan<DeliveryLoop> All => _loops;

    public int Count => _loops.Length;

    /// <summary>What all loops count together.</summary>
    public long Sum(Func<LoopMeter, long> of)
    {
        var sum = 0L;
        foreach (var loop in _loops)
        {
            sum += of(loop.Meter);
        }

        return sum;
    }

    /// <summary>The loop for a new connection.</summary>
    public DeliveryLoop Next() => _loops[(uint)Interlocked.Increment(ref _next) % (uint)_loops.Length];

    /// <summary>Starts the loops; <paramref name="onTick"/> is called with every tick.</summary>
    public void Start(Action onTick)
    {
        foreach (var loop in _loops)
        {
            loop.Start();
        }

        _ticker = _time.CreateTimer(
            _ =>
            {
                foreach (var loop in _loops)
                {
                    loop.Tick();
                }

                onTick();
            },
            state: null,
            TickInterval,
            TickInterval);
    }

    /// <summary>Gives the message to everybody who has sent <c>connect</c>.</summary>
    public void TellAll(SharedMessage message)
    {
        foreach (var loop in _loops)
        {
            loop.TellAll(message);
        }
    }

    /// <summary>Ends the loops, if they were started.</summary>
    public void Stop()
    {
        if (_ticker is null)
        {
            return;
        }

        _ticker.Dispose();
        foreach (var loop in _loops)
        {
            loop.Stop();
        }
    }
}
