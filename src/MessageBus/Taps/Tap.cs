using System.Runtime.CompilerServices;
using MessageBus.Delivery;
using MessageBus.Protocol;

namespace MessageBus.Taps;

/// <summary>
/// An operator's live look at one channel: for its loop a subscriber like any other, that takes every message at once and never waits. What the operator
/// cannot be shown is dropped and counted. It begins once it is read, and ends when it is disposed.
/// </summary>
internal sealed class Tap : IMessageOutput, ISubscriberOwner, IDisposable
{
    // Nobody reads faster, and it bounds what a busy channel costs: TapBuffer.MaxMessages in each.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    // Whether anybody still looks is only seen by writing.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(2);

    private readonly TapBuffer _buffer = new();
    private readonly Subscription _subscription;
    private readonly DeliveryLoop _loop;
    private readonly TimeProvider _time;
    private readonly Action _ended;
    private readonly ITimer _nudges;

    /// <param name="group">As <see cref="ChannelDirectory.AcquireAsync"/> gave it for this loop.</param>
    /// <param name="loop">Its loop.</param>
    /// <param name="time">For the pauses.</param>
    /// <param name="ended">Gives the channel and the place back. Called once.</param>
    public Tap(SubscriberGroup group, DeliveryLoop loop, TimeProvider time, Action ended)
    {
        _loop = loop;
        _time = time;
        _ended = ended;

        // Nobody at the other end is to answer pings: it ends with its request.
        var subscriber = new Subscriber(group.Encoding, output: this, owner: this, time.GetTimestamp()) { LastHeard = long.MaxValue };
        _subscription = new Subscription(subscriber, group);
        loop.Attach(subscriber);
        loop.Connected(subscriber, new SubscribeCommand.Reply(Id: null, group.Channel.Name));
        loop.Subscribe(_subscription, reply: null);
        _nudges = time.CreateTimer(_ => _buffer.Nudge(), state: null, LongestSilence, LongestSilence);
    }

    Action? IMessageOutput.Writable { get; set; }

    /// <summary>Events until the tap ends or is cancelled, which is no error. Can be read once.</summary>
    public async IAsyncEnumerable<EncodedMessage> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await UnlessCancelledAsync(_buffer.WaitAsync(cancellationToken)))
        {
            var (messages, dropped) = _buffer.TakeAll();
            foreach (var message in messages)
            {
                yield return message;
            }

            if (dropped > 0)
            {
                yield return TapEncoding.Dropped(dropped);
            }
            else if (messages.Count is 0)
            {
                yield return TapEncoding.Ping;
            }

            await UnlessCancelledAsync(PauseAsync(cancellationToken));
        }
    }

    OutputState IMessageOutput.Flush(OutboundQueue queue)
    {
        while (!queue.IsEmpty)
        {
            _buffer.Put(queue.Dequeue());
        }

        return OutputState.Drained;
    }

    void IMessageOutput.Abort() => _buffer.End();

    /// <summary>A fault of the loop, or of this.</summary>
    void ISubscriberOwner.Close(CloseReason reason) => _buffer.End();

    void ISubscriberOwner.OutputEnded() => _buffer.End();

    public void Dispose()
    {
        _nudges.Dispose();
        _loop.Unsubscribe(_subscription, reply: null);
        _loop.Close(_subscription.Subscriber, last: null, discardBacklog: true);
        _loop.Detach(_subscription.Subscriber);
        _ended();
    }

    private async ValueTask<bool> PauseAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Pause, _time, cancellationToken);
        return true;
    }

    private static async ValueTask<bool> UnlessCancelledAsync(ValueTask<bool> waiting)
    {
        try
        {
            return await waiting;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
