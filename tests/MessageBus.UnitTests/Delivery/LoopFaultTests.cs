using MessageBus.Delivery;
using MessageBus.Protocol;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests.Delivery;

/// <summary>What fails in one connection or one publication leaves the loop and all others as they are.</summary>
public sealed class LoopFaultTests
{
    private const int MaxBacklogBytes = 16 * 1024;

    [Fact]
    public void Output_that_throws_closes_its_connection_and_the_loop_goes_on()
    {
        using var loop = new LoopUnderTest();
        loop.Start();
        var channel = LoopUnderTest.Channel("a");
        var clients = Enumerable.Range(0, 3).Select(_ => loop.Attach()).ToList();
        clients.ForEach(client => client.Subscribe(channel));
        clients[1].Output.Fault = new InvalidOperationException("a fault of the test");

        loop.Publish(channel, "1");
        loop.Settle();
        loop.Publish(channel, "2");
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
        loop.Loop.Close(clients[3].Subscriber, last: null, discardBacklog: false);
        loop.Loop.Publish(channel, Frames.OfLength(MaxBacklogBytes + 1), receivedAt: 1);
        loop.Settle();
        loop.Publish(channel, "2");
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

        loop.Loop.Publish(channel, Frames.OfLength(100 * 1024), receivedAt: 1);
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
        channel.Subscriptions[0].Add(new Subscription(null!, channel));
        var last = loop.Attach();
        last.Subscribe(channel);

        loop.Publish(channel, "1");
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
}
