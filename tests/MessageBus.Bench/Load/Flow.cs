using System.Diagnostics;

namespace MessageBus.Bench.Load;

/// <summary>Publishes for a while and reports what arrived.</summary>
internal sealed class Flow(Crowd crowd, Target target)
{
    private const long Second = 1_000_000_000;
    private const long LongestWait = 10_000_000;

    /// <summary>How long the last copies may take before they count as lost. Generous: a server that is only slow loses nothing.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(10);

    /// <summary>How long a closed loop may stand still before the missing copies count as lost.</summary>
    private static readonly TimeSpan StandstillLimit = TimeSpan.FromSeconds(3);

    private int _channel;

    public FlowReport Run(FlowRequest request)
    {
        crowd.Tally.Begin();
        var unheard = crowd.Unheard;
        var dropped = crowd.Dropped;
        var meter = new Meter(target);
        var kept = request.Rate is { } rate ? RunAtRate(rate, request) : RunInFlight(request.InFlight ?? 1, request);
        Drain();
        return Report(meter, kept, unheard, dropped);
    }

    /// <summary>One publication to each channel, a few hundred open at a time.</summary>
    public FlowReport RunOnceRound(int bytes)
    {
        crowd.Tally.Begin();
        var unheard = crowd.Unheard;
        var meter = new Meter(target);
        for (_channel = 0; _channel < crowd.Channels;)
        {
            for (var i = 0; i < 256 && _channel < crowd.Channels; i++)
                crowd.Publish(_channel++, bytes, Stopwatch.GetTimestamp());
            Drain();
        }

        return Report(meter, kept: true, unheard, crowd.Dropped);
    }

    private bool RunInFlight(int inFlight, FlowRequest request)
    {
        var tally = crowd.Tally;
        var end = Stopwatch.GetTimestamp() + (long)(request.Seconds * Second);
        var lastProgress = Stopwatch.GetTimestamp();
        var delivered = 0L;
        while (true)
        {
            var now = Stopwatch.GetTimestamp();
            if (now >= end)
                return true;
            while (tally.Publications - tally.Complete < inFlight)
                crowd.Publish(NextChannel(), request.Bytes, Stopwatch.GetTimestamp());
            crowd.Turn(LongestWait);
            if (tally.Delivered > delivered)
                (delivered, lastProgress) = (tally.Delivered, now);
            else if (now - lastProgress > StandstillLimit.TotalSeconds * Second)
                return true;
        }
    }

    private bool RunAtRate(int rate, FlowRequest request)
    {
        var tally = crowd.Tally;
        var start = Stopwatch.GetTimestamp();
        var total = (long)(rate * request.Seconds);
        for (var published = 0L; published < total;)
        {
            var now = Stopwatch.GetTimestamp();
            for (var due = start + published * Second / rate; due <= now && published < total; due = start + published * Second / rate)
            {
                crowd.Publish(NextChannel(), request.Bytes, due);
                published++;
            }

            crowd.Turn(Math.Clamp(start + published * Second / rate - Stopwatch.GetTimestamp(), 0, LongestWait));
            if (Backlog(tally) > 1)
                return false;
        }

        return Backlog(tally) < 0.05;

        // The copies that have not arrived, as a share of what a second should bring.
        double Backlog(Tally tally) => (tally.Expected - tally.Delivered) / Math.Max(1.0, (double)tally.Expected / Math.Max(1, tally.Publications) * rate);
    }

    private void Drain()
    {
        var start = Stopwatch.GetTimestamp();
        while (!crowd.Tally.AllDelivered && Stopwatch.GetElapsedTime(start) < DrainLimit)
            crowd.Turn(LongestWait);
    }

    private int NextChannel()
    {
        _channel = (_channel + 1) % crowd.Channels;
        return _channel;
    }

    private FlowReport Report(Meter meter, bool kept, long unheard, int dropped)
    {
        var tally = crowd.Tally;
        return new FlowReport(
            tally.Publications, tally.Expected, tally.Delivered, tally.OutOfOrder, crowd.Unheard - unheard, crowd.Dropped - dropped,
            meter.Seconds, kept, meter.Server, meter.LoadShare, meter.LoadShare + meter.RedisShare, Quantiles.Of(tally.Latency));
    }
}
