using System.Diagnostics.Metrics;
using MessageBus.Delivery;
using MessageBus.Protocol;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests.Delivery;

/// <summary>What a loop counts of its work, and how long it says that it took.</summary>
public sealed class LoopMeasurementTests : IDisposable
{
    private static readonly EncodedMessage Message = Frames.Text("hello");

    private readonly TestMeters _meters = new();
    private readonly List<(string Instrument, double Value)> _recorded = [];
    private readonly MeterListener _listener = new();

    public LoopMeasurementTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (_meters.Owns(instrument))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) =>
        {
            lock (_recorded)
            {
                _recorded.Add((instrument.Name, value));
            }
        });
        _listener.Start();
    }

    [Fact]
    public void Publication_counts_once_for_each_subscription()
    {
        using var loop = new LoopUnderTest();
        var channel = LoopUnderTest.Channel("a");
        foreach (var client in new[] { loop.Attach(), loop.Attach(), loop.Attach() })
        {
            client.Subscribe(channel);
        }

        loop.Loop.Publish(channel, Message, receivedAt: 1);
        loop.Loop.Publish(channel, Message, receivedAt: 2);
        loop.Start();
        loop.Settle();

        Assert.Equal(6, loop.Loop.Meter.Deliveries);
        Assert.Equal(3, loop.Loop.Meter.Subscriptions);
    }

    [Fact]
    public void Gap_in_place_of_a_publication_is_no_delivery()
    {
        using var loop = new LoopUnderTest();
        var channel = LoopUnderTest.Channel("a");
        loop.Attach().Subscribe(channel);

        loop.Loop.Publish(channel, channel.EncodeGap(GapReason.TooLarge)!, receivedAt: 0);
        loop.Start();
        loop.Settle();

        Assert.Equal(0, loop.Loop.Meter.Deliveries);
        Assert.Equal(1, loop.Loop.Meter.Messages);
    }

    [Fact]
    public void Frames_of_one_turn_are_one_flush()
    {
        using var loop = new LoopUnderTest();
        var client = loop.Attach();
        client.Send("one");
        client.Send("two");
        client.Send("three");

        loop.Start();
        loop.Settle();

        Assert.Equal((3, 1), (loop.Loop.Meter.Messages, loop.Loop.Meter.Flushes));
        Assert.Equal(client.Output.Taken.Sum(frame => frame.Length), loop.Loop.Meter.Bytes);
    }

    [Fact]
    public void Subscription_that_ends_is_not_counted_any_more()
    {
        using var loop = new LoopUnderTest();
        var channel = LoopUnderTest.Channel("a");
        var client = loop.Attach();
        var first = client.Subscribe(channel);
        client.Subscribe(LoopUnderTest.Channel("b"));

        loop.Loop.Unsubscribe(first, reply: null);
        loop.Start();
        loop.Settle();

        Assert.Equal(1, loop.Loop.Meter.Subscriptions);
    }

    [Fact]
    public void Gap_counts_for_each_connection_that_is_told()
    {
        using var loop = new LoopUnderTest();
        loop.Attach().Subscribe(LoopUnderTest.Channel("a"));
        loop.Attach().Subscribe(LoopUnderTest.Channel("b"));
        loop.Attach();

        loop.Loop.BrokerRestored();
        loop.Start();
        loop.Settle();

        Assert.Equal(2, loop.Loop.Meter.Gaps);
    }

    [Fact]
    public void Backlog_is_that_of_connections_whose_transport_takes_no_more()
    {
        using var loop = new LoopUnderTest();
        var (blocked, more, healthy) = (loop.Connect(), loop.Connect(), loop.Connect());
        loop.Start();
        loop.Settle();
        blocked.Output.State = OutputState.Busy;
        more.Output.State = OutputState.Busy;

        blocked.Send("12345");
        more.Send(new string('x', 1000));
        healthy.Send("12345");
        loop.Settle();
        loop.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(2, loop.Loop.Meter.Blocked);
        Assert.Equal(blocked.Subscriber.Queue.Bytes + more.Subscriber.Queue.Bytes, loop.Loop.Meter.Backlog);
        Assert.Equal(more.Subscriber.Queue.Bytes, loop.Loop.Meter.LargestBacklog);
        Assert.True(loop.Loop.Meter.LargestBacklog > 1000);
    }

    [Fact]
    public void Delay_is_measured_once_a_turn_from_the_publication_that_waited_longest()
    {
        using var loop = new LoopUnderTest(histograms: new LoopHistograms(_meters));
        var channel = LoopUnderTest.Channel("a");
        var (first, second) = (loop.Attach(), loop.Attach());
        first.Subscribe(channel);
        second.Subscribe(channel);
        loop.Time.Advance(TimeSpan.FromSeconds(1));
        loop.Loop.Publish(channel, Message, loop.Time.GetTimestamp());
        loop.Time.Advance(TimeSpan.FromSeconds(2));
        loop.Loop.Publish(channel, Message, loop.Time.GetTimestamp());
        second.Output.OnFlush = () => loop.Time.Advance(TimeSpan.FromSeconds(4));

        loop.Start();
        loop.Settle();
        loop.Dispose();

        Assert.Equal([6.0], Recorded("messagebus.delivery.delay"));
    }

    [Fact]
    public void Turn_lasts_until_its_last_flush()
    {
        using var loop = new LoopUnderTest(histograms: new LoopHistograms(_meters));
        var client = loop.Attach();
        client.Send("hello");
        client.Output.OnFlush = () => loop.Time.Advance(TimeSpan.FromSeconds(4));

        loop.Start();
        loop.Settle();
        loop.Dispose();

        Assert.Equal([4.0], Recorded("messagebus.loop.turn.duration").Where(duration => duration > 0));
        Assert.Empty(Recorded("messagebus.delivery.delay"));
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.Dispose();
    }

    private List<double> Recorded(string instrument)
    {
        lock (_recorded)
        {
            return [.. from one in _recorded where one.Instrument == instrument select one.Value];
        }
    }
}
