using System.Text;
using MessageBus.Delivery;
using MessageBus.Protocol;
using MessageBus.Taps;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests.Delivery;

/// <summary>What a delivery loop gives to whom, in which order, and when.</summary>
public sealed class DeliveryLoopTests
{
    private const string Up = """{"type":"status","broker":"up"}""";
    private const string Down = """{"type":"status","broker":"down"}""";
    private const string Gap = """{"type":"gap","reason":"broker_reconnected"}""";

    [Fact]
    public void Reply_comes_before_the_first_message_of_its_channel()
    {
        using var loop = new LoopUnderTest();
        var channel = LoopUnderTest.Channel("a");
        var client = loop.Attach();

        loop.Publish(channel, "before");
        client.Subscribe(channel, reply: "subscribed");
        loop.Publish(channel, "1");
        loop.Publish(channel, "2");
        loop.RunToEnd();

        Assert.Equal(["subscribed", "1", "2"], client.Output.Texts);
    }

    [Fact]
    public void Nothing_of_a_channel_comes_after_the_reply_that_ends_it()
    {
        using var loop = new LoopUnderTest();
        var channel = LoopUnderTest.Channel("a");
        var client = loop.Attach();
        var other = loop.Attach();

        var subscription = client.Subscribe(channel);
        other.Subscribe(channel);
        loop.Publish(channel, "1");
        loop.Loop.Unsubscribe(subscription, new Said("unsubscribed"));
        loop.Publish(channel, "2");
        loop.RunToEnd();

        Assert.Equal(["1", "unsubscribed"], client.Output.Texts);
        Assert.Equal(["1", "2"], other.Output.Texts);
    }

    [Fact]
    public void Message_goes_to_the_subscribers_of_its_channel_only()
    {
        using var loop = new LoopUnderTest();
        var (a, b) = (LoopUnderTest.Channel("a"), LoopUnderTest.Channel("b"));
        var ofA = loop.Attach();
        var ofBoth = loop.Attach();
        var ofNone = loop.Attach();
        ofA.Subscribe(a);
        ofBoth.Subscribe(a);
        ofBoth.Subscribe(b);

        loop.Publish(a, "a1");
        loop.Publish(b, "b1");
        loop.Publish(a, "a2");
        loop.RunToEnd();

        Assert.Equal(["a1", "a2"], ofA.Output.Texts);
        Assert.Equal(["a1", "b1", "a2"], ofBoth.Output.Texts);
        Assert.Empty(ofNone.Output.Texts);
    }

    [Fact]
    public void All_subscribers_get_the_same_bytes_and_not_copies()
    {
        using var loop = new LoopUnderTest();
        var channel = LoopUnderTest.Channel("a");
        var clients = Enumerable.Range(0, 10).Select(_ => loop.Attach()).ToList();
        clients.ForEach(client => client.Subscribe(channel));
        var frame = Frames.Text("once");

        loop.Loop.Publish(channel, frame, receivedAt: 1);
        loop.RunToEnd();

        Assert.All(clients, client => Assert.Same(frame, Assert.Single(client.Output.Taken)));
    }

    [Fact]
    public void What_is_posted_in_one_turn_is_flushed_once()
    {
        using var loop = new LoopUnderTest();
        var channel = LoopUnderTest.Channel("a");
        var client = loop.Attach();
        client.Subscribe(channel, reply: "subscribed");

        loop.Publish(channel, "1");
        client.Send("2");
        loop.Publish(channel, "3");
        loop.RunToEnd();

        Assert.Equal(1, client.Output.FlushCalls);
        Assert.Equal(["subscribed", "1", "2", "3"], client.Output.Texts);
    }

    [Fact]
    public void What_comes_while_the_loop_is_busy_is_flushed_together_afterwards()
    {
        using var loop = new LoopUnderTest();
        var client = loop.Attach();
        using var entered = new ManualResetEventSlim();
        using var released = new ManualResetEventSlim();
        client.Output.OnFlush = () =>
        {
            entered.Set();
            Assert.True(released.Wait(TimeSpan.FromSeconds(20)));
        };
        loop.Start();

        client.Send("1");
        Assert.True(entered.Wait(TimeSpan.FromSeconds(20)));
        client.Send("2");
        client.Send("3");
        released.Set();
        loop.Settle();

        Assert.Equal([1, 2], client.Output.Flushes.Select(frames => frames.Length));
    }

    [Fact]
    public void Huge_turn_is_flushed_in_between_so_that_nobody_looks_slow_for_it()
    {
        using var loop = new LoopUnderTest();
        var channel = LoopUnderTest.Channel("a");
        var client = loop.Attach();
        client.Subscribe(channel);

        for (var i = 0; i < 10_000; i++)
        {
            loop.Publish(channel, $"{i:D100}");
        }

        loop.RunToEnd();

        Assert.Equal(Enumerable.Range(0, 10_000).Select(i => $"{i:D100}"), client.Output.Texts);
        Assert.All(client.Output.Flushes, frames => Assert.InRange(frames.Sum(frame => frame.Length), 1, 64 * 1024 + 102));
    }

    [Fact]
    public void Busy_output_gets_everything_that_waited_once_it_is_writable()
    {
        using var loop = new LoopUnderTest();
        loop.Start();
        var client = loop.Attach();
        client.Output.State = OutputState.Busy;
        client.Send("1");
        client.Send("2");
        loop.Settle();
        Assert.Empty(client.Output.Taken);
        Assert.Equal(6, client.Subscriber.Queue.Bytes);

        client.Output.State = OutputState.Drained;
        loop.Loop.Writable(client.Subscriber);
        loop.Settle();

        Assert.Equal(["1", "2"], client.Output.Texts);
        Assert.Equal(0, client.Subscriber.Queue.Bytes);
    }

    [Fact]
    public void Loss_and_return_of_the_broker_are_told_to_connected_clients_only()
    {
        using var loop = new LoopUnderTest();
        loop.Loop.BrokerRestored();
        var connected = loop.Connect();
        var waiting = loop.Attach();

        loop.Loop.BrokerLost();
        loop.Loop.BrokerRestored();
        loop.RunToEnd();

        Assert.Equal([LoopUnderTest.Reply, Down, Up], connected.Output.Texts);
        Assert.Empty(waiting.Output.Taken);
    }

    [Fact]
    public void What_all_are_told_is_encoded_once_for_each_encoding()
    {
        using var loop = new LoopUnderTest();
        loop.Loop.BrokerRestored();
        var (one, other) = (loop.Connect(), loop.Connect());
        var output = new FakeOutput();
        var tap = new Subscriber(new TapEncoding(loop.Time), output, new FakeOwner(), loop.Time.GetTimestamp());
        loop.Loop.Attach(tap);
        loop.Loop.Connected(tap, new ServerMessage.Ping());

        loop.Loop.BrokerLost();
        loop.RunToEnd();

        Assert.Equal([LoopUnderTest.Reply, Down], one.Output.Texts);
        Assert.Same(one.Output.Taken[^1], other.Output.Taken[^1]);
        Assert.Equal("event: status\ndata: " + Down + "\n\n", Encoding.UTF8.GetString(output.Taken[^1].Bytes));
    }

    [Fact]
    public void Gap_is_told_once_to_those_with_subscriptions_only()
    {
        using var loop = new LoopUnderTest();
        loop.Loop.BrokerRestored();
        var withTwo = loop.Connect();
        withTwo.Subscribe(LoopUnderTest.Channel("a"));
        withTwo.Subscribe(LoopUnderTest.Channel("b"));
        var withNone = loop.Connect();
        var withNoneLeft = loop.Connect();
        loop.Loop.Unsubscribe(withNoneLeft.Subscribe(LoopUnderTest.Channel("c")), reply: null);

        loop.Loop.BrokerLost();
        loop.Loop.BrokerRestored();
        loop.RunToEnd();

        Assert.Equal([LoopUnderTest.Reply, Down, Up, Gap], withTwo.Output.Texts);
        Assert.Equal([LoopUnderTest.Reply, Down, Up], withNone.Output.Texts);
        Assert.Equal([LoopUnderTest.Reply, Down, Up], withNoneLeft.Output.Texts);
    }

    [Fact]
    public void Client_that_connects_while_the_broker_is_away_hears_so_after_its_reply()
    {
        using var loop = new LoopUnderTest();
        loop.Loop.BrokerRestored();
        loop.Loop.BrokerLost();
        var early = loop.Connect();
        loop.Loop.BrokerRestored();
        var late = loop.Connect();

        loop.RunToEnd();

        Assert.Equal([LoopUnderTest.Reply, Down, Up], early.Output.Texts);
        Assert.Equal([LoopUnderTest.Reply], late.Output.Texts);
    }

    [Fact]
    public void Messages_posted_by_many_threads_stay_in_the_order_of_each()
    {
        using var loop = new LoopUnderTest();
        loop.Start();
        var channels = Enumerable.Range(0, 4).Select(i => LoopUnderTest.Channel($"c{i}")).ToList();
        var client = loop.Attach();
        channels.ForEach(channel => client.Subscribe(channel));

        var publishers = channels.Select((channel, index) => new Thread(() =>
        {
            for (var i = 0; i < 2000; i++)
            {
                loop.Publish(channel, $"{index} {i}");
            }
        })).ToList();
        publishers.ForEach(publisher => publisher.Start());
        publishers.ForEach(publisher => publisher.Join());
        loop.Settle();

        var byPublisher = client.Output.Texts.Select(text => text.Split(' ')).ToLookup(parts => parts[0], parts => parts[1]);
        Assert.Equal(4, byPublisher.Count);
        Assert.All(byPublisher, numbers => Assert.Equal(Enumerable.Range(0, 2000).Select(i => $"{i}"), numbers));
    }

    [Fact]
    public void What_was_posted_before_the_stop_is_still_done()
    {
        using var loop = new LoopUnderTest();
        var client = loop.Attach();
        loop.Start();

        for (var i = 0; i < 100; i++)
        {
            client.Send($"{i}");
        }

        loop.Dispose();

        Assert.Equal(100, client.Output.Taken.Count);
    }
}
