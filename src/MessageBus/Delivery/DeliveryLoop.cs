using MessageBus.Limits;
using MessageBus.Protocol;
using Microsoft.Extensions.Logging;

namespace MessageBus.Delivery;

/// <summary>
/// One thread that owns its subscribers. Other threads only post to its inbox, or do a turn in its place while it has nothing to do. A turn: take the inbox, append messages to queues,
/// flush each touched subscriber once; so messages coalesce under load and nothing waits when idle. Nothing here waits for a client.
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
    private readonly FlushList _flushes;
    private readonly LoopWork _work;
    private readonly TimeProvider _time;
    private readonly Thread _thread;
    private long _lastPublication;

    public DeliveryLoop(int index, LimitOptions limits, TimeProvider time, ILogger logger, LoopHistograms histograms)
    {
        var faults = new LoopFaults(index, logger);
        Index = index;
        _time = time;
        Meter = new LoopMeter(histograms, time);
        _flushes = new FlushList(limits.MaxBacklogBytes, Meter, faults, time);
        _work = new LoopWork(index, _flushes, new Deadlines(limits, _flushes, Meter, faults, time), Meter, faults);
        _thread = new Thread(Run) { IsBackground = true, Name = $"delivery {index}" };
    }

    /// <summary>Its index among the loops of the gateway.</summary>
    public int Index { get; }

    public LoopMeter Meter { get; }

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
    /// The client's <c>connect</c> was accepted; <paramref name="reply"/> is the first message it gets. It goes out with what is posted next, which often are the
    /// answers to the subscriptions that came with it, or with <see cref="WakeUp"/>.
    /// </summary>
    public void Connected(Subscriber subscriber, ServerMessage reply) =>
        Post(LoopItemKind.Connected, subscriber, subscriber.Encoding.Encode(reply), isQuiet: true);

    /// <summary>Does what has waited for a turn.</summary>
    public void WakeUp() => _inbox.WakeUp();

    public void Subscribe(Subscription subscription, ServerMessage? reply) => PostAnswer(LoopItemKind.Subscribe, subscription.Subscriber, subscription, reply);

    /// <summary>Without a reply the connection has ended, and there is time until the next turn.</summary>
    public void Unsubscribe(Subscription subscription, ServerMessage? reply) =>
        PostAnswer(LoopItemKind.Unsubscribe, subscription.Subscriber, subscription, reply, isQuiet: reply is null);

    public void Send(Subscriber subscriber, ServerMessage message) => PostAnswer(LoopItemKind.Send, subscriber, subscriber, message);

    /// <summary>What the transport says on its own behalf.</summary>
    public void Send(Subscriber subscriber, EncodedMessage message)
    {
        subscriber.AnswerPosted();
        Post(LoopItemKind.Send, subscriber, message);
    }

    /// <summary>Ends when the loop has done what was posted before.</summary>
    public Task CatchUpAsync()
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(LoopItemKind.CatchUp, reached);
        return reached.Task;
    }

    /// <summary>Gives a publication to the group's subscribers on this loop, or a gap in its place: that was not received (0).</summary>
    public void Publish(SubscriberGroup group, EncodedMessage message, long receivedAt)
    {
        var item = new LoopItem(LoopItemKind.Publication, group, message, receivedAt);
        if (!TryPublishHere(group, item))
        {
            _inbox.Post(item);
        }

        Volatile.Write(ref _lastPublication, _time.GetTimestamp());
    }

    /// <summary>Sends <paramref name="last"/> as the last message, or none where the transport is gone.</summary>
    public void Close(Subscriber subscriber, EncodedMessage? last, bool discardBacklog) =>
        Post(discardBacklog ? LoopItemKind.CloseDiscardingBacklog : LoopItemKind.Close, subscriber, last);

    /// <summary>There is time for that until the next turn.</summary>
    public void Detach(Subscriber subscriber) => Post(LoopItemKind.Detach, subscriber, isQuiet: true);

    public void Writable(Subscriber subscriber) => Post(LoopItemKind.Writable, subscriber);

    /// <summary>Gives the message to everybody who has sent <c>connect</c>.</summary>
    public void TellAll(SharedMessage message) => Post(LoopItemKind.TellAll, message);

    public void BrokerLost() => Post(LoopItemKind.BrokerLost);

    public void BrokerRestored() => Post(LoopItemKind.BrokerRestored);

    /// <summary>Time to look at the deadlines.</summary>
    public void Tick() => Post(LoopItemKind.Tick);

    /// <summary>What a client's message has led to, which is counted until it is done.</summary>
    private void PostAnswer(LoopItemKind kind, Subscriber subscriber, object target, ServerMessage? message, bool isQuiet = false)
    {
        subscriber.AnswerPosted();
        Post(kind, target, message is null ? null : subscriber.Encoding.Encode(message), isQuiet);
    }

    /// <summary>Waking the loop's thread costs as much as most of what it then does: what is posted quietly waits for the next turn.</summary>
    private void Post(LoopItemKind kind, object? target = null, EncodedMessage? message = null, bool isQuiet = false) =>
        _inbox.Post(new LoopItem(kind, target, message), isQuiet);

    private void Run()
    {
        while (_inbox.TakeAll() is { Count: > 0 } items)
        {
            var began = _time.GetTimestamp();
            _work.DoAll(items);

            // Sending is what costs. Where it is about to be much, the threads that bring publications are given way first: the rest of a burst,
            // which they have but could not post yet on a busy processor, then goes out with the same sends. (Bench fanout: 3.2 x the floor's processor time
            // per delivery at 4 in flight without this, 1.0 x with it; giving way more than once brings nothing more.)
            if (_flushes.Count >= BroadTurn)
            {
                Thread.Yield();
                _work.DoAll(_inbox.TakeMore());
            }

            _flushes.FlushAll();
            Meter.EndTurn(began);
        }
    }

    /// <summary>
    /// A publication for few, after a lull, goes out on the thread that brings it: waking the loop's own costs as much as the sending.
    /// Nothing here waits, so the thread is not kept.
    /// </summary>
    private bool TryPublishHere(SubscriberGroup group, in LoopItem item)
    {
        var now = _time.GetTimestamp();
        if (group.Count > FewSubscribers || _time.GetElapsedTime(Volatile.Read(ref _lastPublication), now) < Lull || !_inbox.TryEnter())
        {
            return false;
        }

        try
        {
            _work.Do(item);
            _flushes.FlushAll();
            Meter.EndTurn(now);
        }
        finally
        {
            _inbox.Leave();
        }

        return true;
    }
}
