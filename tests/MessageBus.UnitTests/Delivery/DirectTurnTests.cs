using System.Collections.Concurrent;
using System.Diagnostics;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.Delivery;

/// <summary>Publications that the bringing thread sends by itself, in the place of a loop that has nothing to do.</summary>
public sealed class DirectTurnTests
{
    private static readonly TimeSpan Lull = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public void After_a_lull_a_publication_for_few_is_sent_before_the_call_returns()
    {
        using var loop = new LoopUnderTest();
        loop.Start();
        var channel = LoopUnderTest.Channel("a");
        var client = loop.Attach();
        client.Subscribe(channel);
        loop.Settle();
        var threads = ThreadsOfFlushes(client);

        // The loop's thread may be on its way to its waiting still.
        var waited = Stopwatch.StartNew();
        do
        {
            Assert.True(waited.Elapsed < Limit, "Every publication went through the thread of the loop.");
            loop.Settle();
            threads.Clear();
            loop.Time.Advance(Lull);
            loop.Publish(channel, "1");
        }
        while (!threads.Contains(Environment.CurrentManagedThreadId));

        Assert.Equal("1", client.Output.Texts[^1]);
    }

    [Fact]
    public void Publications_that_follow_each_other_are_gathered_by_the_loop()
    {
        using var loop = new LoopUnderTest();
        loop.Start();
        var channel = LoopUnderTest.Channel("a");
        var client = loop.Attach();
        client.Subscribe(channel);
        var threads = ThreadsOfFlushes(client);
        loop.Time.Advance(Lull);
        loop.Publish(channel, "first");
        loop.Settle();
        threads.Clear();

        for (var i = 0; i < 100; i++)
        {
            loop.Publish(channel, "next");
            loop.Settle();
        }

        Assert.Equal(101, client.Output.Texts.Count);
        Assert.DoesNotContain(Environment.CurrentManagedThreadId, threads);
    }

    [Fact]
    public void Channel_with_many_subscribers_is_left_to_the_loop()
    {
        using var loop = new LoopUnderTest();
        loop.Start();
        var channel = LoopUnderTest.Channel("a");
        var clients = Enumerable.Range(0, 5).Select(_ => loop.Attach()).ToList();
        clients.ForEach(client =>
        {
            channel.Add(loop: 0);
            client.Subscribe(channel);
        });
        var threads = ThreadsOfFlushes(clients[0]);

        for (var i = 0; i < 100; i++)
        {
            loop.Settle();
            loop.Time.Advance(Lull);
            loop.Publish(channel, "1");
        }

        loop.Settle();
        Assert.Equal(100, clients[4].Output.Texts.Count);
        Assert.DoesNotContain(Environment.CurrentManagedThreadId, threads);
    }

    [Fact]
    public void Whoever_sends_it_the_order_stays()
    {
        const int Publications = 20_000;
        using var loop = new LoopUnderTest();
        loop.Start();
        var channel = LoopUnderTest.Channel("a");
        var client = loop.Attach();
        client.Subscribe(channel, reply: "subscribed");
        var threads = ThreadsOfFlushes(client);
        var random = new Random(1);
        var others = new Thread(() =>
        {
            for (var i = 0; i < Publications; i++)
            {
                client.Send("other");
                Thread.SpinWait(i % 50);
            }
        });

        others.Start();
        for (var i = 0; i < Publications; i++)
        {
            if (random.Next(2) is 0)
            {
                loop.Time.Advance(Lull);
            }

            loop.Publish(channel, $"{i}");
            Thread.SpinWait(random.Next(200));
        }

        others.Join();
        loop.Settle();

        var texts = client.Output.Texts;
        Assert.Equal("subscribed", texts[0]);
        Assert.Equal(Enumerable.Range(0, Publications).Select(i => $"{i}"), texts.Skip(1).Where(text => text is not "other"));
        Assert.Equal(Publications, texts.Count(text => text is "other"));
        Assert.Contains(Environment.CurrentManagedThreadId, threads);
    }

    [Fact]
    public void What_is_posted_while_it_is_sent_comes_after_it()
    {
        using var loop = new LoopUnderTest();
        loop.Start();
        var channel = LoopUnderTest.Channel("a");
        var client = loop.Attach();
        client.Subscribe(channel);
        var publisher = Environment.CurrentManagedThreadId;
        var inside = false;
        client.Output.OnFlush = () =>
        {
            if (Environment.CurrentManagedThreadId == publisher && !inside)
            {
                inside = true;
                client.Send("late");
            }
        };

        var waited = Stopwatch.StartNew();
        do
        {
            Assert.True(waited.Elapsed < Limit, "Every publication went through the thread of the loop.");
            loop.Settle();
            loop.Time.Advance(Lull);
            loop.Publish(channel, "early");
        }
        while (!inside);

        loop.Settle();
        Assert.Equal(["early", "late"], client.Output.Texts.TakeLast(2));
    }

    [Fact]
    public void Output_that_throws_closes_its_connection_and_the_publisher_does_not_see_it()
    {
        using var loop = new LoopUnderTest();
        loop.Start();
        var channel = LoopUnderTest.Channel("a");
        var (faulty, healthy) = (loop.Attach(), loop.Attach());
        faulty.Subscribe(channel);
        healthy.Subscribe(channel);
        faulty.Output.Fault = new InvalidOperationException("a fault of the test");
        var threads = ThreadsOfFlushes(healthy);

        var waited = Stopwatch.StartNew();
        do
        {
            Assert.True(waited.Elapsed < Limit, "Every publication went through the thread of the loop.");
            loop.Settle();
            loop.Time.Advance(Lull);
            loop.Publish(channel, "1");
        }
        while (!threads.Contains(Environment.CurrentManagedThreadId));

        Assert.Contains(CloseReason.Internal, faulty.Owner.Closes);
        Assert.NotEmpty(healthy.Output.Texts);
    }

    private static ConcurrentBag<int> ThreadsOfFlushes(FakeClient client)
    {
        var threads = new ConcurrentBag<int>();
        client.Output.OnFlush = () => threads.Add(Environment.CurrentManagedThreadId);
        return threads;
    }
}
