using MessageBus.Delivery;
using MessageBus.Protocol;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests.Delivery;

/// <summary>How a delivery loop ends a connection that is slow, closed, expired or gone.</summary>
public sealed class LoopEndingTests
{
    private const int MaxBacklogBytes = 16 * 1024;

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
        loop.Publish(channel, "in time");
        loop.Settle();

        loop.Time.Advance(TimeSpan.FromSeconds(1));
        loop.Publish(channel, "too late");
        loop.Settle();

        Assert.Equal(["in time"], client.Output.Texts);
        Assert.Equal([CloseReason.Unauthorized], client.Owner.Closes);
        Assert.Equal(["in time", "too late"], other.Output.Texts);
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
            loop.Loop.Publish(channel, frame, receivedAt: 1);
            loop.Settle();
        }

        Assert.Empty(slow.Owner.Closes);
        loop.Loop.Publish(channel, frame, receivedAt: 1);
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
        loop.Publish(channel, "late");
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
        loop.Loop.Close(client.Subscriber, last: null, discardBacklog: false);
        loop.RunToEnd();

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
}
