using MessageBus.Delivery;
using MessageBus.Protocol;
using MessageBus.UnitTests.Fakes;
using MessageBus.WebSockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessageBus.UnitTests.Delivery;

public sealed class FlushListTests : IDisposable
{
    private const int MaxBacklogBytes = 1024 * 1024;

    // Never started: it only takes what owners post.
    private readonly LoopUnderTest _loop = new();
    private readonly TestMeters _meters = new();
    private readonly LoopMeter _meter;
    private readonly FlushList _flushes;

    public FlushListTests()
    {
        _meter = new LoopMeter(new LoopHistograms(_meters), _loop.Time);
        _flushes = new FlushList(MaxBacklogBytes, _meter, new LoopFaults(0, NullLogger.Instance), _loop.Time);
    }

    public void Dispose()
    {
        _loop.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public void Each_one_that_was_touched_is_flushed_once_and_then_forgotten()
    {
        var (one, other) = (Client(), Client());
        _flushes.Append(one.Subscriber, Frames.Text("1"));
        _flushes.Append(other.Subscriber, Frames.Text("1"));
        _flushes.Append(one.Subscriber, Frames.Text("2"));
        _flushes.Touch(one.Subscriber);
        Assert.Equal(2, _flushes.Count);
        Assert.Empty(one.Output.Taken);

        _flushes.FlushAll();
        _flushes.FlushAll();

        Assert.Equal(0, _flushes.Count);
        Assert.Equal((1, 1), (one.Output.FlushCalls, other.Output.FlushCalls));
        Assert.Equal(["1", "2"], one.Output.Texts);
        Assert.Equal((2, 3, 9), (_meter.Flushes, _meter.Messages, _meter.Bytes));
    }

    [Fact]
    public void What_fills_a_write_does_not_wait_for_the_end_of_the_turn()
    {
        var client = Client();

        _flushes.Append(client.Subscriber, Frames.OfLength((64 * 1024) - 1));
        Assert.Empty(client.Output.Taken);
        _flushes.Append(client.Subscriber, Frames.OfLength(2));

        Assert.Equal(2, client.Output.Taken.Count);
    }

    [Fact]
    public void Output_ends_with_the_close_frame_and_takes_nothing_after_it()
    {
        var client = Client();
        client.Output.State = OutputState.Busy;
        _flushes.BeginClose(client.Subscriber, WebSocketEncoding.Close(4503, "shutting down"), discardBacklog: false);
        _flushes.FlushAll();
        Assert.Equal(0, client.Owner.TimesEnded);

        client.Output.State = OutputState.Drained;
        _flushes.Append(client.Subscriber, Frames.Text("late"));
        _flushes.Touch(client.Subscriber);
        _flushes.FlushAll();
        _flushes.Append(client.Subscriber, Frames.Text("later"));
        _flushes.FlushAll();

        Assert.Equal("4503 shutting down", Frames.CloseOf(Assert.Single(client.Output.Taken)));
        Assert.Equal(1, client.Owner.TimesEnded);
    }

    [Fact]
    public void Age_of_a_backlog_counts_from_the_last_frame_that_was_taken()
    {
        var client = Client();
        var output = new SlowOutput();
        var subscriber = new Subscriber(FakeEncoding.Instance, output, client.Owner, _loop.Time.GetTimestamp());
        _flushes.Append(subscriber, Frames.Text("1"));
        _flushes.Append(subscriber, Frames.Text("2"));
        _flushes.FlushAll();
        var first = subscriber.BusySince;

        _loop.Time.Advance(TimeSpan.FromSeconds(1));
        _flushes.Touch(subscriber);
        _flushes.FlushAll();
        Assert.Equal(first, subscriber.BusySince);

        output.Takes = 1;
        _flushes.Touch(subscriber);
        _flushes.FlushAll();
        Assert.Equal(_loop.Time.GetTimestamp(), subscriber.BusySince);
        Assert.Equal(1, subscriber.Queue.Count);
    }

    [Fact]
    public void Output_that_throws_closes_its_connection_and_the_next_is_flushed()
    {
        var (faulty, healthy) = (Client(), Client());
        faulty.Output.Fault = new InvalidOperationException("a fault of the test");
        faulty.Owner.Fault = new InvalidOperationException("another");
        _flushes.Append(faulty.Subscriber, Frames.Text("1"));
        _flushes.Append(healthy.Subscriber, Frames.Text("1"));

        _flushes.FlushAll();

        Assert.Equal([CloseReason.Internal], faulty.Owner.Closes);
        Assert.Equal(["1"], healthy.Output.Texts);
    }

    [Fact]
    public void Output_that_throws_when_it_is_warmed_up_closes_its_connection_and_the_others_are_flushed()
    {
        var owner = new FakeOwner();
        var faulty = new Subscriber(FakeEncoding.Instance, new ColdOutput(), owner, _loop.Time.GetTimestamp());
        var healthy = Enumerable.Range(0, 20).Select(_ => Client()).ToList();
        _flushes.Append(faulty, Frames.Text("1"));
        healthy.ForEach(client => _flushes.Append(client.Subscriber, Frames.Text("1")));

        _flushes.FlushAll();

        Assert.Equal([CloseReason.Internal], owner.Closes);
        Assert.All(healthy, client => Assert.Equal((1, "1"), (client.Output.FlushCalls, Assert.Single(client.Output.Texts))));
    }

    private FakeClient Client() => new(_loop.Loop, _loop.Time);

    /// <summary>Cannot be warmed up.</summary>
    private sealed class ColdOutput : IMessageOutput
    {
        public Action? Writable { get; set; }

        public int WarmUp() => throw new InvalidOperationException("a fault of the test");

        public OutputState Flush(OutboundQueue queue) => OutputState.Drained;

        public void Abort()
        {
        }
    }

    /// <summary>Takes so many frames with the next flush, and is busy then.</summary>
    private sealed class SlowOutput : IMessageOutput
    {
        public int Takes { get; set; }

        public Action? Writable { get; set; }

        public OutputState Flush(OutboundQueue queue)
        {
            for (; Takes > 0; Takes--)
            {
                queue.Dequeue();
            }

            return OutputState.Busy;
        }

        public void Abort()
        {
        }
    }
}
