namespace MessageBus.Delivery;

/// <summary>
/// Once a tick: looks at the deadlines of a loop's subscribers, does what they ask for, and counts what waits. Only for the thread that does the turn.
/// </summary>
internal sealed class DeadlineRound(Heartbeat heartbeat, Outbox outbox, LoopCounters counters, LoopFaults faults, TimeProvider time)
{
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

        (counters.Backlog, counters.LargestBacklog, counters.Blocked) = (backlog, largest, blocked);
    }

    private void Check(Subscriber subscriber, long now)
    {
        // Its transport may be another's by now.
        if (subscriber.IsAborted)
        {
            return;
        }

        subscriber.Queue.Trim();
        var action = heartbeat.Check(subscriber, now);
        switch (action.Kind)
        {
            case HeartbeatKind.Ping:
                subscriber.LastPing = now;
                outbox.AppendIfAny(subscriber, SharedMessage.Ping.In(subscriber.Encoding));
                break;

            case HeartbeatKind.Close:
                subscriber.Owner.Close(action.Reason);
                break;

            case HeartbeatKind.Abort:
                subscriber.IsAborted = true;
                try
                {
                    subscriber.Output.Abort();
                }
                finally
                {
                    Outbox.End(subscriber);
                }

                break;
        }
    }
}
