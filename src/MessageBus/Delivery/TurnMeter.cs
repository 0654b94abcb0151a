namespace MessageBus.Delivery;

/// <summary>Counts what the turns of a loop deliver, and measures each turn as a whole and one publication of it for all. Without histograms it only counts.</summary>
internal sealed class TurnMeter(LoopCounters counters, LoopHistograms? histograms, TimeProvider time)
{
    private long _firstReceivedAt;

    /// <summary>A publication was given to so many subscriptions.</summary>
    public void Given(long receivedAt, int subscriptions)
    {
        // Not the gap in place of a publication that is too large.
        if (receivedAt is not 0)
        {
            counters.Deliveries += subscriptions;
            _firstReceivedAt = _firstReceivedAt is 0 ? receivedAt : _firstReceivedAt;
        }
    }

    /// <param name="began">The timestamp at which the turn began.</param>
    public void EndTurn(long began)
    {
        if (histograms is null)
        {
            return;
        }

        var now = time.GetTimestamp();
        histograms.Turned(time.GetElapsedTime(began, now));
        if (_firstReceivedAt is not 0)
        {
            histograms.Delivered(time.GetElapsedTime(_firstReceivedAt, now));
            _firstReceivedAt = 0;
        }
    }
}
