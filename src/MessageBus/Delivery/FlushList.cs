using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>
/// What a turn of a loop sends: messages are appended to the queues of subscribers, and each subscriber that was touched is flushed once at the end.
/// So it is here that slow, failed and expired ones are found, and that an output ends: after its last message, or with its transport.
/// Only for the thread that does the turn.
/// </summary>
internal sealed class FlushList(int maxBacklogBytes, LoopMeter meter, LoopFaults faults, TimeProvider time)
{
    // As much as one write takes: waiting longer would not save a write, and a queue must not look slow only because its loop has not flushed it yet.
    private const int FullWriteBytes = 64 * 1024;

    // Connections whose state is brought into the processor's caches together; 4 and 16 do about as well.
    private const int Neighbours = 8;

    private readonly List<Subscriber> _touched = [];
    private int _seen;

    /// <summary>Subscribers to flush at the end of the turn.</summary>
    public int Count => _touched.Count;

    /// <summary>Nothing is appended behind the last message. Null: the transport has no form for it.</summary>
    public void Append(Subscriber subscriber, EncodedMessage? message)
    {
        if (message is null || subscriber.ClosingSince is not null || subscriber.HasEnded)
        {
            return;
        }

        subscriber.Queue.Enqueue(message);
        Touch(subscriber);
        if (subscriber.Queue.Bytes >= FullWriteBytes)
        {
            FlushSafely(subscriber, time.GetTimestamp());
        }
    }

    /// <summary>It is flushed at the end of the turn, whether or not something is appended.</summary>
    public void Touch(Subscriber subscriber)
    {
        if (!subscriber.IsTouched)
        {
            subscriber.IsTouched = true;
            _touched.Add(subscriber);
        }
    }

    public void FlushAll()
    {
        var now = time.GetTimestamp();
        for (var i = 0; i < _touched.Count; i++)
        {
            if (i % Neighbours is 0)
            {
                WarmUp(i);
            }

            var subscriber = _touched[i];
            subscriber.IsTouched = false;
            FlushSafely(subscriber, now);
        }

        _touched.Clear();
    }

    /// <summary>Its output ends with <paramref name="last"/>, or at once where the transport is gone.</summary>
    public void BeginClose(Subscriber subscriber, EncodedMessage? last, bool discardBacklog)
    {
        if (discardBacklog)
        {
            subscriber.Queue.Clear();
        }

        Append(subscriber, last);
        subscriber.ClosingSince = time.GetTimestamp();
        if (last is null)
        {
            End(subscriber);
        }
    }

    /// <summary>Nothing more is written, and its owner is told so, once.</summary>
    public static void End(Subscriber subscriber)
    {
        if (!subscriber.HasEnded)
        {
            subscriber.HasEnded = true;
            subscriber.Queue.Clear();
            subscriber.Owner.OutputEnded();
        }
    }

    /// <summary>
    /// In a broad turn the state of each connection has left the processor's caches since it was last flushed. A flush meets one part of it after the other
    /// and waits for the memory each time; read for several connections side by side, the processor waits for all of them at once.
    /// </summary>
    private void WarmUp(int from)
    {
        var seen = 0;
        for (var i = from; i < Math.Min(from + Neighbours, _touched.Count); i++)
        {
            seen += WarmUpSafely(_touched[i]);
        }

        // So that the reads are not optimised away.
        Volatile.Write(ref _seen, seen);
    }

    private int WarmUpSafely(Subscriber subscriber)
    {
        try
        {
            return subscriber.Output.WarmUp() + (subscriber.Queue.TryPeek(out var message) ? message.Length : 0);
        }
        catch (Exception e)
        {
            faults.FlushFailed(e, subscriber);
            return 0;
        }
    }

    private void FlushSafely(Subscriber subscriber, long now)
    {
        try
        {
            Flush(subscriber, now);
        }
        catch (Exception e)
        {
            faults.FlushFailed(e, subscriber);
        }
    }

    private void Flush(Subscriber subscriber, long now)
    {
        if (now >= subscriber.ExpiresAt && subscriber.ClosingSince is null)
        {
            // Not at the next tick: what came since must not reach it.
            subscriber.Queue.Clear();
            subscriber.Owner.Close(CloseReason.Unauthorized);
            return;
        }

        var waiting = subscriber.Queue.Count;
        var bytes = subscriber.Queue.Bytes;
        var state = subscriber.Output.Flush(subscriber.Queue);
        meter.Flushed(waiting - subscriber.Queue.Count, bytes - subscriber.Queue.Bytes);
        switch (state)
        {
            case OutputState.Drained:
                subscriber.LastSent = now;
                subscriber.BusySince = null;
                if (subscriber.ClosingSince is not null)
                {
                    End(subscriber);
                }

                break;

            case OutputState.Busy:
                // One that takes its messages slowly, but takes them, is a matter of the bytes that wait, not of their age.
                if (subscriber.BusySince is null || subscriber.Queue.Count < waiting)
                {
                    subscriber.BusySince = now;
                }

                if (subscriber.ClosingSince is null && IsOverLimit(subscriber.Queue))
                {
                    subscriber.Owner.Close(CloseReason.TooSlow);
                }

                break;

            case OutputState.Failed:
                subscriber.Owner.Close(CloseReason.Lost);
                End(subscriber);
                break;
        }
    }

    /// <summary>Many tiny messages take more memory than they have bytes.</summary>
    private bool IsOverLimit(OutboundQueue queue) => queue.Bytes + ((long)queue.Count * OutboundQueue.OverheadBytes) > maxBacklogBytes;
}
