using System.Text;
using MessageBus.Protocol;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests.Delivery;

public sealed class BrokerDeliveriesTests : IDisposable
{
    private static readonly ChannelName A = ChannelName.Parse("a");

    private static readonly MessageBusOptions Options = new() { DeliveryLoops = 3, MaxBacklogBytes = 16 * 1024 };

    private readonly DeliveriesUnderTest _deliveries = new(Options);

    [Fact]
    public async Task Publication_is_encoded_once_for_all_loops()
    {
        var first = await SubscribeAsync(loop: 0);
        var second = await SubscribeAsync(loop: 0);
        var third = await SubscribeAsync(loop: 2);

        Deliver("hello");

        var frame = Assert.Single(first.Output.Taken);
        Assert.Equal("""{"type":"message","channel":"a","payload":"hello"}""", Frames.TextOf(frame));
        Assert.Same(frame, Assert.Single(second.Output.Taken));
        Assert.Same(frame, Assert.Single(third.Output.Taken));
    }

    [Fact]
    public async Task Publication_is_not_posted_to_loops_without_subscribers()
    {
        var wanting = await SubscribeAsync(loop: 0);
        Assert.True(_deliveries.Directory.TryFind(A, out var channel));

        // In the loop's set, but not counted: it would get whatever is posted to that loop.
        var uncounted = new FakeClient(_deliveries.Loops.All[1], _deliveries.Time);
        uncounted.Subscribe(channel);
        Deliver("hello");

        Assert.Single(wanting.Output.Taken);
        Assert.Empty(uncounted.Output.Taken);
    }

    [Fact]
    public async Task Publication_that_the_broker_could_not_bring_becomes_a_gap_of_its_channel()
    {
        var subscriber = await SubscribeAsync(loop: 1);

        _deliveries.Sink.Missed(A);
        _deliveries.Sink.Missed(ChannelName.Parse("nobodys"));
        Stop();

        Assert.Equal("""{"type":"gap","channel":"a","reason":"undeliverable"}""", Assert.Single(subscriber.Output.Texts));
    }

    [Fact]
    public void Publication_that_nobody_wants_is_dropped()
    {
        Assert.Null(Record.Exception(() => Deliver("hello")));
    }

    [Fact]
    public async Task Publication_that_is_too_large_becomes_a_gap()
    {
        var client = await SubscribeAsync(loop: 1);

        Deliver(new string('x', Options.MaxBacklogBytes));

        Assert.Equal(["""{"type":"gap","channel":"a","reason":"too_large"}"""], client.Output.Texts);
    }

    [Fact]
    public async Task Memory_of_the_broker_is_not_kept()
    {
        var client = await SubscribeAsync(loop: 1);
        var payload = "hello"u8.ToArray();

        _deliveries.Sink.Deliver(A, payload);
        payload.AsSpan().Clear();
        Stop();

        Assert.Equal(["""{"type":"message","channel":"a","payload":"hello"}"""], client.Output.Texts);
    }

    [Fact]
    public async Task Loss_and_return_of_the_broker_reach_every_loop()
    {
        _deliveries.Sink.BrokerRestored();
        var clients = await Task.WhenAll(SubscribeAsync(loop: 0), SubscribeAsync(loop: 1), SubscribeAsync(loop: 2));
        clients.ToList().ForEach(client => client.Subscriber.Loop.Connected(client.Subscriber, Frames.Text(LoopUnderTest.Reply)));

        _deliveries.Sink.BrokerLost();
        _deliveries.Sink.BrokerRestored();
        Stop();

        string[] expected =
        [
            LoopUnderTest.Reply,
            """{"type":"status","broker":"down"}""",
            """{"type":"status","broker":"up"}""",
            """{"type":"gap","reason":"broker_reconnected"}""",
        ];
        Assert.All(clients, client => Assert.Equal(expected, client.Output.Texts));
    }

    public void Dispose() => Stop();

    private void Deliver(string payload)
    {
        _deliveries.Sink.Deliver(A, Encoding.UTF8.GetBytes(payload));
        Stop();
    }

    /// <summary>A loop does what was posted before it ends.</summary>
    private void Stop() => _deliveries.Dispose();

    private async Task<FakeClient> SubscribeAsync(int loop)
    {
        var client = new FakeClient(_deliveries.Loops.All[loop], _deliveries.Time);
        client.Subscriber.Loop.Attach(client.Subscriber);
        var channel = await _deliveries.Directory.AcquireAsync(A, loop);
        client.Subscribe(channel!);
        return client;
    }
}
