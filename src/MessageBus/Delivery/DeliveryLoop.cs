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
internal sealed class DeliveryLoop
{
    // A turn that has touched this many is broad: some microseconds of giving way are nothing beside its sends.
    private const int BroadTurn = 16;

    // More would keep the thread that brings publications from the next one, which other loops could send meanwhile.
    private const int FewSubscribers = 4;

    // Publications that follow each other within this belong together: the loop's own thread gathers them.
    private static readonly TimeSpan Lull = TimeSpan.FromMicroseconds(50);

    private readonly Inbox<LoopItem> _inbox = new();
    private readonly Outbox _outbox;
    private readonly LoopWork _work;
    private readonly TurnMeter _meter;
    private readonly TimeProvider _time;
    private readonly Thread _thread;
    private long _lastPublication;

    public DeliveryLoop(int index, MessageBusOptions options, TimeProvider time, ILogger logger, LoopHistograms? histograms = null)
    {
        var faults = new LoopFaults(index, logger);
        Index = index;
        _time = time;
        _meter = new TurnMeter(Counters, histograms, time);
        _outbox = new Outbox(options.MaxBacklogBytes, Counters, faults, time);
        _work = new LoopWork(index, _outbox, new DeadlineRound(new Heartbeat(options, time), _outbox, Counters, faults, time), _meter, Counters, faults);
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

    /// <summary>There is time for that until the next turn.</summary>
    public void Attach(Subscriber subscriber) => Post(LoopItemKind.Attach, subscriber, isQuiet: true);

    /// <summary>
    /// The client's <c>connect</c> was accepted; <paramref name="reply"/> is the first frame it gets. It goes out with what is posted next, which often are the
    /// answers to the subscriptions that came with it, or with <see cref="WakeUp"/>.
    /// </summary>
    public void Connected(Subscriber subscriber, EncodedFrame reply) => Post(LoopItemKind.Connected, subscriber, reply, isQuiet: true);

    /// <summary>Does what has waited for a turn.</summary>
    public void WakeUp() => _inbox.WakeUp();

    public void Subscribe(Subscription subscription, EncodedFrame? reply) => PostAnswer(LoopItemKind.Subscribe, subscription.Subscriber, subscription, reply);

    /// <summary>Without a reply the connection has ended, and there is time until the next turn.</summary>
    public void Unsubscribe(Subscription subscription, EncodedFrame? reply) =>
        PostAnswer(LoopItemKind.Unsubscribe, subscription.Subscriber, subscription, reply, isQuiet: reply is null);

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

    /// <summary>There is time for that until the next turn.</summary>
    public void Detach(Subscriber subscriber) => Post(LoopItemKind.Detach, subscriber, isQuiet: true);

    public void Writable(Subscriber subscriber) => Post(LoopItemKind.Writable, subscriber);

    /// <summary>Gives the frame to everybody who has sent <c>connect</c>.</summary>
    public void TellAll(EncodedFrame frame) => Post(LoopItemKind.TellAll, frame: frame);

    public void BrokerLost() => Post(LoopItemKind.BrokerLost);

    public void BrokerRestored() => Post(LoopItemKind.BrokerRestored);

    /// <summary>Time to look at the deadlines.</summary>
    public void Tick() => Post(LoopItemKind.Tick);

    /// <summary>What a client's message has led to, which is counted until it is done.</summary>
    private void PostAnswer(LoopItemKind kind, Subscriber subscriber, object target, EncodedFrame? frame, bool isQuiet = false)
    {
        subscriber.AnswerPosted();
        Post(kind, target, frame, isQuiet);
    }

    /// <summary>Waking the loop's thread costs as much as most of what it then does: what is posted quietly waits for the next turn.</summary>
    private void Post(LoopItemKind kind, object? target = null, EncodedFrame? frame = null, bool isQuiet = false) =>
        _inbox.Post(new LoopItem(kind, target, frame), isQuiet);

    private void Run()
    {
        while (_inbox.TakeAll() is { Count: > 0 } items)
        {
            var began = _time.GetTimestamp();
            _work.DoAll(items);

            // Sending is what costs. Where it is about to be much, the threads that bring publications are given way first: the rest of a burst,
            // which they have but could not post yet on a busy processor, then goes out with the same sends. (Bench fanout: 3.2 x the floor's processor time
            // per delivery at 4 in flight without this, 1.0 x with it; giving way more than once brings nothing more.)
            if (_outbox.Count >= BroadTurn)
            {
                Thread.Yield();
                _work.DoAll(_inbox.TakeMore());
            }

            _outbox.FlushAll();
            _meter.EndTurn(began);
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
            _work.Do(new LoopItem(LoopItemKind.Publication, channel, frame));
            _outbox.FlushAll();
            _meter.EndTurn(now);
        }
        finally
        {
            _inbox.Leave();
        }

        return true;
    }
}
