using MessageBus.Protocol;
using Microsoft.Extensions.Logging;

namespace MessageBus.Delivery;

/// <summary>
/// One thread that owns its subscribers. Other threads only post to its inbox, or do a turn in its place while it has nothing to do. A turn: take the inbox, append frames to queues,
/// flush each touched subscriber once; so frames coalesce under load and nothing waits when idle. Nothing here waits for a client.
/// <para>
/// Order: what is posted is done in the order of posting. So a reply posted with a subscription comes before the channel's first message,
/// nothing of a channel comes after the reply posted with its end, and messages of a channel stay in the order of <see cref="Publish"/>.
/// </para>
/// </summary>
internal sealed partial class DeliveryLoop
{
    // As much as one write takes: waiting longer would not save a write, and a queue must not look slow only because its loop has not flushed it yet.
    private const int FullWriteBytes = 64 * 1024;

    // A turn that has touched this many is broad: some microseconds of giving way are nothing beside its sends.
    private const int BroadTurn = 16;

    // More would keep the thread that brings publications from the next one, which other loops could send meanwhile.
    private const int FewSubscribers = 4;

    // Publications that follow each other within this belong together: the loop's own thread gathers them.
    private static readonly TimeSpan Lull = TimeSpan.FromMicroseconds(50);

    private readonly Inbox<LoopItem> _inbox = new();
    private readonly List<Subscriber> _subscribers = [];
    private readonly List<Subscriber> _touched = [];
    private readonly Heartbeat _heartbeat;
    private readonly TimeProvider _time;
    private readonly int _maxBacklogBytes;
    private readonly ILogger _logger;
    private readonly LoopHistograms? _histograms;
    private readonly Thread _thread;
    private bool _brokerUp;
    private long _firstReceivedAt;
    private long _lastPublication;

    public DeliveryLoop(int index, MessageBusOptions options, TimeProvider time, ILogger logger, LoopHistograms? histograms = null)
    {
        Index = index;
        _heartbeat = new Heartbeat(options, time);
        _time = time;
        _maxBacklogBytes = options.MaxBacklogBytes;
        _logger = logger;
        _histograms = histograms;
        _thread = new Thread(Run) { IsBackground = true, Name = $"delivery {index}" };
    }

    /// <summary>Its place among the loops of the gateway.</summary>
    public int Index { get; }

    public LoopCounters Counters { get; } = new();

    public void Start() => _thread.Start();

    /// <summary>Does what was posted and ends.</summary>
    public void Stop()
    {
        _inbox.Close();
        _thread.Join();
    }

    public void Attach(Subscriber subscriber) => Post(LoopItemKind.Attach, subscriber);

    /// <summary>The client's <c>connect</c> was accepted; <paramref name="reply"/> is the first frame it gets.</summary>
    public void Connected(Subscriber subscriber, EncodedFrame reply) => Post(LoopItemKind.Connected, subscriber, reply);

    public void Subscribe(Subscription subscription, EncodedFrame? reply) => PostAnswer(LoopItemKind.Subscribe, subscription.Subscriber, subscription, reply);

    public void Unsubscribe(Subscription subscription, EncodedFrame? reply) => PostAnswer(LoopItemKind.Unsubscribe, subscription.Subscriber, subscription, reply);

    public void Send(Subscriber subscriber, EncodedFrame frame) => PostAnswer(LoopItemKind.Send, subscriber, subscriber, frame);

    /// <summary>Ends when the loop has done what was posted before.</summary>
    public Task CatchUpAsync()
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(LoopItemKind.CatchUp, reached);
        return reached.Task;
    }

    /// <summary>Gives the frame to the channel's subscribers on this loop.</summary>
    public void Publish(LocalChannel channel, EncodedFrame frame)
    {
        if (!TryPublishHere(channel, frame))
        {
            Post(LoopItemKind.Publication, channel, frame);
        }

        Volatile.Write(ref _lastPublication, _time.GetTimestamp());
    }

    /// <summary>Sends <paramref name="closeFrame"/> as the last frame, or none where the transport is gone.</summary>
    public void Close(Subscriber subscriber, EncodedFrame? closeFrame, bool discardBacklog) =>
        Post(discardBacklog ? LoopItemKind.CloseDiscardingBacklog : LoopItemKind.Close, subscriber, closeFrame);

    public void Detach(Subscriber subscriber) => Post(LoopItemKind.Detach, subscriber);

    public void Writable(Subscriber subscriber) => Post(LoopItemKind.Writable, subscriber);

    /// <summary>Gives the frame to everybody who has sent <c>connect</c>.</summary>
    public void TellAll(EncodedFrame frame) => Post(LoopItemKind.TellAll, frame: frame);

    public void BrokerLost() => Post(LoopItemKind.BrokerLost);

    public void BrokerRestored() => Post(LoopItemKind.BrokerRestored);

    /// <summary>Time to look at the deadlines.</summary>
    public void Tick() => Post(LoopItemKind.Tick);

    /// <summary>What a client's message has led to, which is counted until it is done.</summary>
    private void PostAnswer(LoopItemKind kind, Subscriber subscriber, object target, EncodedFrame? frame)
    {
        subscriber.AnswerPosted();
        Post(kind, target, frame);
    }

    private void Post(LoopItemKind kind, object? target = null, EncodedFrame? frame = null) => _inbox.Post(new LoopItem(kind, target, frame));

    private void Run()
    {
        while (_inbox.TakeAll() is { Count: > 0 } items)
        {
            var began = _time.GetTimestamp();
            DoAll(items);

            // Sending is what costs. Where it is about to be much, the threads that bring publications are given way first: the rest of a burst,
            // which they have but could not post yet on a busy processor, then goes out with the same sends. (Bench fanout: 3.2 x the floor's processor time
            // per delivery at 4 in flight without this, 1.0 x with it; giving way more than once brings nothing more.)
            if (_touched.Count >= BroadTurn)
            {
                Thread.Yield();
                DoAll(_inbox.TakeMore());
            }

            FlushTouched();
            EndTurn(began);
        }
    }

    /// <summary>
    /// A publication for few, after a lull, goes out on the thread that brings it: waking the loop's own costs as much as the sending.
    /// Nothing here waits, so the thread is not kept.
    /// </summary>
    private bool TryPublishHere(LocalChannel channel, EncodedFrame frame)
    {
        var now = _time.GetTimestamp();
        if (channel.Count > FewSubscribers || _time.GetElapsedTime(Volatile.Read(ref _lastPublication), now) < Lull || !_inbox.TryEnter())
        {
            return false;
        }

        try
        {
            DoSafely(new LoopItem(LoopItemKind.Publication, channel, frame));
            FlushTouched();
            EndTurn(now);
        }
        finally
        {
            _inbox.Leave();
        }

        return true;
    }

    /// <summary>Measures the turn as a whole, and one publication of it for all.</summary>
    private void EndTurn(long began)
    {
        if (_histograms is null)
        {
            return;
        }

        var now = _time.GetTimestamp();
        _histograms.Turned(_time.GetElapsedTime(began, now));
        if (_firstReceivedAt is not 0)
        {
            _histograms.Delivered(_time.GetElapsedTime(_firstReceivedAt, now));
            _firstReceivedAt = 0;
        }
    }

    private void DoAll(List<LoopItem> items)
    {
        foreach (var item in items)
        {
            DoSafely(item);
        }
    }

    private void DoSafely(in LoopItem item)
    {
        try
        {
            Do(item);
        }
        catch (Exception e)
        {
            LogItemFailed(e, Index, item.Kind);
            CloseFaulty((item.Target as Subscriber) ?? (item.Target as Subscription)?.Subscriber);
            if (item is { Kind: LoopItemKind.Publication, Target: LocalChannel channel })
            {
                TellUndeliverable(channel);
            }
        }
    }

    /// <summary>Some have the publication, some have not, and nobody knows who: each is told, or closed where even that fails.</summary>
    private void TellUndeliverable(LocalChannel channel)
    {
        var gap = EncodedFrame.Text(ServerMessage.Gap(channel.Name, GapReason.Undeliverable));
        foreach (var subscription in channel.Subscribers[Index].Items)
        {
            try
            {
                Append(subscription.Subscriber, gap);
            }
            catch (Exception e)
            {
                LogFlushFailed(e, Index);
                CloseFaulty(subscription.Subscriber);
            }
        }
    }

    /// <summary>An owner that fails at this too must not end the loop.</summary>
    private void CloseFaulty(Subscriber? subscriber)
    {
        try
        {
            subscriber?.Owner.Close(CloseReason.Internal);
        }
        catch (Exception e)
        {
            LogCloseFailed(e, Index);
        }
    }

    private void Do(in LoopItem item)
    {
        switch (item.Kind)
        {
            case LoopItemKind.Publication:
                var channel = (LocalChannel)item.Target!;
                var subscriptions = channel.Subscribers[Index].Items;
                foreach (var subscription in subscriptions)
                {
                    Append(subscription.Subscriber, item.Frame!);
                }

                CountDeliveries(item.Frame!, subscriptions.Length);
                break;

            case LoopItemKind.Send:
                var answered = (Subscriber)item.Target!;
                answered.AnswerDone();
                Append(answered, item.Frame!);
                break;

            case LoopItemKind.CatchUp:
                ((TaskCompletionSource)item.Target!).SetResult();
                break;

            case LoopItemKind.Writable:
                Touch((Subscriber)item.Target!);
                break;

            case LoopItemKind.Subscribe:
                var added = (Subscription)item.Target!;
                added.Subscriber.AnswerDone();
                AppendIfAny(added.Subscriber, item.Frame);
                added.Channel.Subscribers[Index].Add(added);
                added.Subscriber.Subscriptions++;
                Counters.Subscriptions++;
                break;

            case LoopItemKind.Unsubscribe:
                var removed = (Subscription)item.Target!;
                removed.Subscriber.AnswerDone();
                removed.Channel.Subscribers[Index].Remove(removed);
                removed.Subscriber.Subscriptions--;
                Counters.Subscriptions--;
                AppendIfAny(removed.Subscriber, item.Frame);
                break;

            case LoopItemKind.Attach:
                var attached = (Subscriber)item.Target!;
                attached.Place = _subscribers.Count;
                _subscribers.Add(attached);
                break;

            case LoopItemKind.Connected:
                var connected = (Subscriber)item.Target!;
                connected.IsConnected = true;
                Append(connected, item.Frame!);
                if (!_brokerUp)
                {
                    Append(connected, StatusFrames.Down);
                }

                break;

            case LoopItemKind.Close:
            case LoopItemKind.CloseDiscardingBacklog:
                BeginClose((Subscriber)item.Target!, item.Frame, item.Kind is LoopItemKind.CloseDiscardingBacklog);
                break;

            case LoopItemKind.Detach:
                Remove((Subscriber)item.Target!);
                break;

            case LoopItemKind.TellAll:
                AppendToConnected(item.Frame!);
                break;

            case LoopItemKind.BrokerLost:
                _brokerUp = false;
                AppendToConnected(StatusFrames.Down);
                break;

            case LoopItemKind.BrokerRestored:
                _brokerUp = true;
                AppendToConnected(StatusFrames.Up);
                TellGap();
                break;

            case LoopItemKind.Tick:
                CheckDeadlines();
                break;
        }
    }

    private void CountDeliveries(EncodedFrame frame, int subscriptions)
    {
        // Not the gap in place of a publication that is too large.
        if (frame.ReceivedAt is not 0)
        {
            Counters.Deliveries += subscriptions;
            _firstReceivedAt = _firstReceivedAt is 0 ? frame.ReceivedAt : _firstReceivedAt;
        }
    }

    private void AppendIfAny(Subscriber subscriber, EncodedFrame? frame)
    {
        if (frame is not null)
        {
            Append(subscriber, frame);
        }
    }

    /// <summary>Nothing is appended behind a close frame.</summary>
    private void Append(Subscriber subscriber, EncodedFrame frame)
    {
        if (subscriber.ClosingSince is not null || subscriber.HasEnded)
        {
            return;
        }

        subscriber.Queue.Enqueue(frame);
        Touch(subscriber);
        if (subscriber.Queue.Bytes >= FullWriteBytes)
        {
            FlushSafely(subscriber, _time.GetTimestamp());
        }
    }

    private void Touch(Subscriber subscriber)
    {
        if (!subscriber.IsTouched)
        {
            subscriber.IsTouched = true;
            _touched.Add(subscriber);
        }
    }

    private void FlushTouched()
    {
        var now = _time.GetTimestamp();
        foreach (var subscriber in _touched)
        {
            subscriber.IsTouched = false;
            FlushSafely(subscriber, now);
        }

        _touched.Clear();
    }

    private void FlushSafely(Subscriber subscriber, long now)
    {
        try
        {
            Flush(subscriber, now);
        }
        catch (Exception e)
        {
            LogFlushFailed(e, Index);
            CloseFaulty(subscriber);
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
        CountFlush(waiting - subscriber.Queue.Count, bytes - subscriber.Queue.Bytes);
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
                // One that takes its frames slowly, but takes them, is a matter of the bytes that wait, not of their age.
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

    private void CountFlush(int frames, long bytes)
    {
        if (frames > 0)
        {
            Counters.Flushes++;
            Counters.Frames += frames;
            Counters.Bytes += bytes;
        }
    }

    /// <summary>Many tiny frames take more memory than they have bytes.</summary>
    private bool IsOverLimit(OutboundQueue queue) => queue.Bytes + ((long)queue.Count * OutboundQueue.FrameOverheadBytes) > _maxBacklogBytes;

    private void BeginClose(Subscriber subscriber, EncodedFrame? closeFrame, bool discardBacklog)
    {
        if (discardBacklog)
        {
            subscriber.Queue.Clear();
        }

        AppendIfAny(subscriber, closeFrame);
        subscriber.ClosingSince = _time.GetTimestamp();
        if (closeFrame is null)
        {
            End(subscriber);
        }
    }

    private static void End(Subscriber subscriber)
    {
        if (!subscriber.HasEnded)
        {
            subscriber.HasEnded = true;
            subscriber.Queue.Clear();
            subscriber.Owner.OutputEnded();
        }
    }

    private void Remove(Subscriber subscriber)
    {
        if (subscriber.Place < 0)
        {
            return;
        }

        var last = _subscribers[^1];
        _subscribers[subscriber.Place] = last;
        last.Place = subscriber.Place;
        _subscribers.RemoveAt(_subscribers.Count - 1);
        subscriber.Place = -1;
    }

    private void AppendToConnected(EncodedFrame frame)
    {
        foreach (var subscriber in _subscribers)
        {
            if (subscriber.IsConnected)
            {
                Append(subscriber, frame);
            }
        }
    }

    /// <summary>Those without a subscription have missed nothing.</summary>
    private void TellGap()
    {
        foreach (var subscriber in _subscribers)
        {
            if (subscriber.Subscriptions > 0)
            {
                Append(subscriber, StatusFrames.BrokerGap);
                Counters.Gaps++;
            }
        }
    }

    private void CheckDeadlines()
    {
        var now = _time.GetTimestamp();
        var (backlog, largest, blocked) = (0L, 0L, 0L);
        foreach (var subscriber in _subscribers)
        {
            try
            {
                CheckDeadlines(subscriber, now);
            }
            catch (Exception e)
            {
                LogItemFailed(e, Index, LoopItemKind.Tick);
                CloseFaulty(subscriber);
            }

            if (subscriber is { BusySince: not null, HasEnded: false })
            {
                blocked++;
                backlog += subscriber.Queue.Bytes;
                largest = Math.Max(largest, subscriber.Queue.Bytes);
            }
        }

        (Counters.Backlog, Counters.LargestBacklog, Counters.Blocked) = (backlog, largest, blocked);
    }

    private void CheckDeadlines(Subscriber subscriber, long now)
    {
        // Its transport may be another's by now.
        if (subscriber.IsAborted)
        {
            return;
        }

        subscriber.Queue.Trim();
        var action = _heartbeat.Check(subscriber, now);
        switch (action.Kind)
        {
            case HeartbeatKind.Ping:
                subscriber.LastPing = now;
                Append(subscriber, EncodedFrame.Ping);
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
                    End(subscriber);
                }

                break;
        }
    }
}
