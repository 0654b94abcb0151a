using System.Text;
using MessageBus.Delivery;
using MessageBus.Protocol;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests.Delivery;

public sealed class DeliveryLoopTests
{
    private const string Up = """{"type":"status","broker":"up"}""";
    private const string Down = """{"type":"status","broker":"down"}""";
    private const string Gap = """{"type":"gap","reason":"broker_reconnected"}""";
    private const int MaxBacklogBytes = 16 * 1024;

    [Fact]
    public void Reply_comes_before_the_first_message_of_its_channel()
    {
        using var loop = new LoopUnderTest();
        var channel = LoopUnderTest.Channel("a");
        var client = loop.Attach();

        Publish(loop, channel, "before");
        client.Subscribe(channel, reply: "subscribed");
        Publish(loop, channel, "1");
        Publish(loop, channel, "2");
        RunToEnd(loop);

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
        Publish(loop, channel, "1");
        loop.Loop.Unsubscribe(subscription, Frames.Text("unsubscribed"));
        Publish(loop, channel, "2");
        RunToEnd(loop);

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

        Publish(loop, a, "a1");
        Publish(loop, b, "b1");
        Publish(loop, a, "a2");
        RunToEnd(loop);

        Assert.Equal(["a1", "a2"], ofA.Output.Texts);
        Assert.Equal(["a1", "b1", "a2"], ofBoth.Output.Texts);
        Assert.Empty(ofNone.Output.Texts);
    }

    [Fact]
    public void Nothing_reaches_a_client_after_its_token_has_expired_although_no_tick_has_come()
    {
        using var loop = new LoopUnderTest();
        var channel = LoopUnderTest.Channel("a");
        var (client, other) = (loop.Attach(), loop.Attach());
        client.Subscribe(channel);
        other.Subscribe(channel);
        client.Subscriber.ExpiresAt = loop.Time.GetTimestamp() + TimeSpan.FromSeconds(1).Ticks;
        loop.Start();
        Publish(loop, channel, "in time");
        loop.Settle();

        loop.Time.Advance(TimeSpan.FromSeconds(1));
        Publish(loop, channel, "too late");
        loop.Settle();

        Assert.Equal(["in time"], client.Output.Texts);
        Assert.Equal([CloseReason.Unauthorized], client.Owner.Closes);
        Assert.Equal(["in time", "too late"], other.Output.Texts);
    }

    [Fact]
    public void All_subscribers_get_the_same_bytes_and_not_copies()
    {
        using var loop = new LoopUnderTest();
        var channel = LoopUnderTest.Channel("a");
        var clients = Enumerable.Range(0, 10).Select(_ => loop.Attach()).ToList();
        clients.ForEach(client => client.Subscribe(channel));
        var frame = Frames.Text("once");

        loop.Loop.Publish(channel, frame);
        RunToEnd(loop);

        Assert.All(clients, client => Assert.Same(frame, Assert.Single(client.Output.Taken)));
    }

    [Fact]
    public void What_is_posted_in_one_turn_is_flushed_once()
    {
        using var loop = new LoopUnderTest();
        var channel = LoopUnderTest.Channel("a");
        var client = loop.Attach();
        client.Subscribe(channel, reply: "subscribed");

        Publish(loop, channel, "1");
        client.Send("2");
        Publish(loop, channel, "3");
        RunToEnd(loop);

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
            loop.Loop.Publish(channel, Frames.Text($"{i:D100}"));
        }

        RunToEnd(loop);

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
    public void Slow_subscriber_is_closed_and_the_others_get_everything()
    {
        using var loop = new LoopUnderTest(options => options.MaxBacklogBytes = MaxBacklogBytes);
        loop.Start();
        var channel = LoopUnderTest.Channel("a");
        var clients = Enumerable.Range(0, 5).Select(_ => loop.Attach()).ToList();
        clients.ForEach(client => client.Subscribe(channel));
        var slow = clients[2];
        slow.Output.State = OutputState.Busy;
        var frame = Frames.OfLength(1024);

        // 15 frames and what they take beside their bytes (64 each) are below 16 KiB, 16 are above.
        for (var i = 0; i < 15; i++)
        {
            loop.Loop.Publish(channel, frame);
            loop.Settle();
        }

        Assert.Empty(slow.Owner.Closes);
        loop.Loop.Publish(channel, frame);
        loop.Settle();

        Assert.Equal([CloseReason.TooSlow], slow.Owner.Closes);
        Assert.All(clients.Where(client => client != slow), client =>
        {
            Assert.Equal(16, client.Output.Taken.Count);
            Assert.Empty(client.Owner.Closes);
        });
    }

    [Fact]
    public void Too_slow_one_gets_the_close_frame_instead_of_its_backlog()
    {
        using var loop = new LoopUnderTest();
        loop.Start();
        var client = loop.Attach();
        client.Output.State = OutputState.Busy;
        client.Send("1");
        client.Close(CloseReason.TooSlow, discardBacklog: true);
        loop.Settle();

        client.Output.State = OutputState.Drained;
        loop.Loop.Writable(client.Subscriber);
        loop.Settle();

        Assert.Equal("4508 too slow", Frames.CloseOf(Assert.Single(client.Output.Taken)));
        Assert.Equal(1, client.Owner.TimesEnded);
    }

    [Fact]
    public void Nothing_follows_a_close_frame()
    {
        using var loop = new LoopUnderTest();
        loop.Start();
        loop.Loop.BrokerRestored();
        var channel = LoopUnderTest.Channel("a");
        var client = loop.Connect();
        client.Subscribe(channel);
        loop.Settle();
        client.Output.State = OutputState.Busy;

        client.Send("backlog");
        client.Close(CloseReason.ShuttingDown);
        client.Send("late");
        client.Close(CloseReason.Internal);
        Publish(loop, channel, "late");
        loop.Loop.BrokerLost();
        loop.Loop.BrokerRestored();
        loop.Settle();
        client.Output.State = OutputState.Drained;
        loop.Loop.Writable(client.Subscriber);
        client.Send("later");
        loop.Settle();

        Assert.Equal([LoopUnderTest.Reply, "backlog"], client.Output.Taken.SkipLast(1).Select(Frames.TextOf));
        Assert.Equal("4503 shutting down", Frames.CloseOf(client.Output.Taken[^1]));
        Assert.Equal(1, client.Owner.TimesEnded);
    }

    [Fact]
    public void Output_ends_at_once_where_the_transport_is_gone()
    {
        using var loop = new LoopUnderTest();
        var client = loop.Attach();
        client.Output.State = OutputState.Busy;

        client.Send("1");
        loop.Loop.Close(client.Subscriber, closeFrame: null, discardBacklog: false);
        RunToEnd(loop);

        Assert.Empty(client.Output.Taken);
        Assert.Equal(1, client.Owner.TimesEnded);
        Assert.Equal(0, client.Subscriber.Queue.Bytes);
    }

    [Fact]
    public void Failed_output_ends_and_its_connection_is_lost()
    {
        using var loop = new LoopUnderTest();
        loop.Start();
        var client = loop.Attach();
        client.Output.State = OutputState.Failed;

        client.Send("1");
        loop.Settle();
        client.Send("2");
        loop.Settle();

        Assert.Equal([CloseReason.Lost], client.Owner.Closes);
        Assert.Equal(1, client.Owner.TimesEnded);
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
        RunToEnd(loop);

        Assert.Equal([LoopUnderTest.Reply, Down, Up], connected.Output.Texts);
        Assert.Empty(waiting.Output.Taken);
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
        RunToEnd(loop);

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

        RunToEnd(loop);

        Assert.Equal([LoopUnderTest.Reply, Down, Up], early.Output.Texts);
        Assert.Equal([LoopUnderTest.Reply], late.Output.Texts);
    }

    [Fact]
    public void Output_that_throws_closes_its_connection_and_the_loop_goes_on()
    {
        using var loop = new LoopUnderTest();
        loop.Start();
        var channel = LoopUnderTest.Channel("a");
        var clients = Enumerable.Range(0, 3).Select(_ => loop.Attach()).ToList();
        clients.ForEach(client => client.Subscribe(channel));
        clients[1].Output.Fault = new InvalidOperationException("a fault of the test");

        Publish(loop, channel, "1");
        loop.Settle();
        Publish(loop, channel, "2");
        loop.Settle();

        Assert.Contains(CloseReason.Internal, clients[1].Owner.Closes);
        Assert.Equal(["1", "2"], clients[0].Output.Texts);
        Assert.Equal(["1", "2"], clients[2].Output.Texts);
    }

    [Fact]
    public void Owner_that_throws_does_not_end_the_loop()
    {
        using var loop = new LoopUnderTest(options => options.MaxBacklogBytes = MaxBacklogBytes);
        loop.Start();
        var channel = LoopUnderTest.Channel("a");
        var clients = Enumerable.Range(0, 5).Select(_ => loop.Attach()).ToList();
        clients.ForEach(client => client.Subscribe(channel));
        foreach (var faulty in clients.Take(4))
        {
            faulty.Owner.Fault = new InvalidOperationException("a fault of the test");
        }

        clients[0].Output.State = OutputState.Failed;
        clients[1].Output.State = OutputState.Busy;
        clients[2].Output.Fault = new InvalidOperationException("a fault of the test");
        loop.Loop.Close(clients[3].Subscriber, closeFrame: null, discardBacklog: false);
        loop.Loop.Publish(channel, Frames.OfLength(MaxBacklogBytes + 1));
        loop.Settle();
        Publish(loop, channel, "2");
        loop.Settle();

        Assert.Equal(2, clients[4].Output.Taken.Count);
    }

    [Fact]
    public void Large_publication_at_which_one_output_throws_reaches_the_others()
    {
        using var loop = new LoopUnderTest();
        loop.Start();
        var channel = LoopUnderTest.Channel("a");
        var clients = Enumerable.Range(0, 3).Select(_ => loop.Attach()).ToList();
        clients.ForEach(client => client.Subscribe(channel));
        clients[0].Output.Fault = new InvalidOperationException("a fault of the test");

        loop.Loop.Publish(channel, Frames.OfLength(100 * 1024));
        loop.Settle();

        Assert.Contains(CloseReason.Internal, clients[0].Owner.Closes);
        Assert.Single(clients[1].Output.Taken);
        Assert.Single(clients[2].Output.Taken);
    }

    [Fact]
    public void Publication_that_fails_half_way_is_told_to_all_its_subscribers()
    {
        using var loop = new LoopUnderTest();
        loop.Start();
        var channel = LoopUnderTest.Channel("a");
        var first = loop.Attach();
        first.Subscribe(channel);
        loop.Settle();
        channel.Subscribers[0].Add(new Subscription(null!, channel));
        var last = loop.Attach();
        last.Subscribe(channel);

        Publish(loop, channel, "1");
        loop.Settle();

        const string Undeliverable = """{"type":"gap","channel":"a","reason":"undeliverable"}""";
        Assert.Equal(["1", Undeliverable], first.Output.Texts);
        Assert.Equal([Undeliverable], last.Output.Texts);
    }

    [Fact]
    public void Connection_that_fails_at_its_deadline_does_not_keep_the_others_from_theirs()
    {
        using var loop = new LoopUnderTest();
        loop.Start();
        loop.Loop.BrokerRestored();
        var failing = loop.Connect();
        var healthy = loop.Connect();
        loop.Settle();
        failing.Output.State = OutputState.Busy;
        failing.Close(CloseReason.ShuttingDown);
        loop.Settle();
        failing.Output.Fault = new InvalidOperationException("a fault of the test");

        loop.Advance(TimeSpan.FromSeconds(25));

        Assert.Equal(1, failing.Owner.TimesEnded);
        Assert.Equal([LoopUnderTest.Reply, """{"type":"ping"}"""], healthy.Output.Texts);
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
                Publish(loop, channel, $"{index} {i}");
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

    private static void Publish(LoopUnderTest loop, LocalChannel channel, string text) =>
        loop.Loop.Publish(channel, EncodedFrame.Text(Encoding.UTF8.GetBytes(text)));

    private static void RunToEnd(LoopUnderTest loop)
    {
        loop.Start();
        loop.Settle();
    }
}
