using System.Text;
using MessageBus.Delivery;
using MessageBus.Limits;
using MessageBus.Protocol;
using MessageBus.Taps;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests.Delivery;

public sealed class BrokerDeliveriesTests : IDisposable
{
    private static readonly ChannelName A = ChannelName.Parse("a");

    private static readonly LimitOptions Limits = new() { MaxBacklogBytes = 16 * 1024 };

    private readonly DeliveriesUnderTest _deliveries = new(loops: 3, Limits);

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
    public async Task Publication_is_encoded_once_for_each_encoding_in_use()
    {
        var encoding = new TapEncoding(_deliveries.Time);
        var client = await SubscribeAsync(loop: 0);
        var first = await TapAsync(encoding, loop: 0);
        var second = await TapAsync(encoding, loop: 1);

        Deliver("hello");

        Assert.Equal("""{"type":"message","channel":"a","payload":"hello"}""", Assert.Single(client.Output.Texts));
        var shown = Assert.Single(first.Taken);
        Assert.StartsWith("event: message\ndata: {", Encoding.UTF8.GetString(shown.Bytes), StringComparison.Ordinal);
        Assert.Same(shown, Assert.Single(second.Taken));
    }

    [Fact]
    public async Task Publication_that_is_too_large_in_one_encoding_is_a_gap_for_its_subscribers_only()
    {
        var client = await SubscribeAsync(loop: 0);
        var tap = await TapAsync(new TapEncoding(_deliveries.Time), loop: 1);

        // Six bytes for each of them in JSON.
        Deliver(new string('\u0001', Limits.MaxBacklogBytes / 2));

        Assert.Equal(["""{"type":"gap","channel":"a","reason":"too_large"}"""], client.Output.Texts);
        Assert.StartsWith("event: message\n", Encoding.UTF8.GetString(Assert.Single(tap.Taken).Bytes), StringComparison.Ordinal);
        Assert.Equal((1, 1), (_deliveries.Counters.Undeliverable, _deliveries.Counters.Gaps.Total));
    }

    [Fact]
    public async Task Publication_is_not_posted_to_loops_without_subscribers()
    {
        var wanting = await SubscribeAsync(loop: 0);
        Assert.True(_deliveries.Directory.TryFind(A, out var channel));

        // In the loop's set, but not counted: it would get whatever is posted to that loop.
        var uncounted = new FakeClient(_deliveries.Loops.All[1], _deliveries.Time);
        uncounted.Subscribe(channel.Group(FakeEncoding.Instance));
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

        Deliver(new string('x', Limits.MaxBacklogBytes));

        Assert.Equal(["""{"type":"gap","channel":"a","reason":"too_large"}"""], client.Output.Texts);
    }

    [Fact]
    public async Task Memory_of_the_broker_is_not_kept()
    {
        var client = await SubscribeAsync(loop: 1);
        var payload = "hello"u8.ToArray();

        _deliveries.Deliver(A, payload);
        payload.AsSpan().Clear();
        Stop();

        Assert.Equal(["""{"type":"message","channel":"a","payload":"hello"}"""], client.Output.Texts);
    }

    [Fact]
    public async Task Loss_and_return_of_the_broker_reach_every_loop()
    {
        _deliveries.Sink.BrokerRestored();
        var clients = await Task.WhenAll(SubscribeAsync(loop: 0), SubscribeAsync(loop: 1), SubscribeAsync(loop: 2));
        clients.ToList().ForEach(client => client.Loop.Connected(client.Subscriber, new Said(LoopUnderTest.Reply)));

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
        _deliveries.Deliver(A, Encoding.UTF8.GetBytes(payload));
        Stop();
    }

    /// <summary>A loop does what was posted before it ends.</summary>
    private void Stop() => _deliveries.Dispose();

    private async Task<FakeOutput> TapAsync(IMessageEncoding encoding, int loop)
    {
        var output = new FakeOutput();
        var group = await _deliveries.Directory.AcquireAsync(A, encoding, loop);
        var subscriber = new Subscriber(encoding, output, new FakeOwner(), _deliveries.Time.GetTimestamp());
        _deliveries.Loops.All[loop].Subscribe(new Subscription(subscriber, group!), reply: null);
        return output;
    }

    private async Task<FakeClient> SubscribeAsync(int loop)
    {
        var client = new FakeClient(_deliveries.Loops.All[loop], _deliveries.Time);
        client.Loop.Attach(client.Subscriber);
        var group = await _deliveries.Directory.AcquireAsync(A, FakeEncoding.Instance, loop);
        client.Subscribe(group!);
        return client;
    }
}
