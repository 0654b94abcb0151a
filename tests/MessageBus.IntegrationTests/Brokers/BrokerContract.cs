using MessageBus.Brokers;
using MessageBus.IntegrationTests.Support;
using MessageBus.Protocol;

namespace MessageBus.IntegrationTests.Brokers;

/// <summary>What every broker promises (<see cref="IBroker"/>), run for each of them.</summary>
[Trait("Sockets", "Either")]
public abstract class BrokerContract
{
    protected static readonly ChannelName Channel = ChannelName.Parse("contract/one");
    private static readonly ChannelName Other = ChannelName.Parse("contract/two");

    /// <summary>A broker that was not started, on a bus of its own.</summary>
    protected abstract Task<IBroker> CreateAsync();

    [Fact]
    public async Task What_is_published_is_delivered_byte_for_byte()
    {
        var (broker, sink) = await StartAsync();
        Assert.Equal(BrokerResult.Accepted, await broker.SubscribeAsync(Channel, default));

        foreach (var payload in Payloads.Awkward)
        {
            Assert.Equal(BrokerResult.Accepted, await broker.PublishAsync(Channel, payload, default));
            var (channel, delivered) = await sink.NextAsync();
            Assert.Equal(Channel, channel);
            Assert.Equal(payload, delivered);
        }

        await broker.StopAsync(default);
    }

    [Fact]
    public async Task A_slice_of_a_larger_buffer_is_published_and_nothing_around_it()
    {
        var (broker, sink) = await StartAsync();
        await broker.SubscribeAsync(Channel, default);

        await broker.PublishAsync(Channel, "before INSIDE after"u8.ToArray().AsMemory(7, 6), default);

        Assert.Equal("INSIDE", await sink.NextTextAsync());
        await broker.StopAsync(default);
    }

    [Fact]
    public async Task Ten_thousand_publications_are_delivered_in_their_order()
    {
        const int Count = 10_000;
        var (broker, sink) = await StartAsync();
        await broker.SubscribeAsync(Channel, default);

        var results = Enumerable.Range(0, Count).Select(n => broker.PublishAsync(Channel, BitConverter.GetBytes(n), default).AsTask()).ToList();

        for (var n = 0; n < Count; n++)
        {
            Assert.Equal(n, BitConverter.ToInt32((await sink.NextAsync()).Payload));
        }

        Assert.All(await Task.WhenAll(results), result => Assert.Equal(BrokerResult.Accepted, result));
        await broker.StopAsync(default);
    }

    [Fact]
    public async Task Only_subscribed_channels_are_delivered()
    {
        var (broker, sink) = await StartAsync();
        await broker.SubscribeAsync(Channel, default);

        await broker.PublishAsync(Other, "not this"u8.ToArray(), default);
        await broker.PublishAsync(ChannelName.Parse("contract/on"), "nor this"u8.ToArray(), default);
        await broker.PublishAsync(ChannelName.Parse("contract/one/more"), "nor this"u8.ToArray(), default);
        await broker.PublishAsync(Channel, "this"u8.ToArray(), default);

        Assert.Equal("this", await sink.NextTextAsync());
        Assert.True(sink.IsQuiet);
        await broker.StopAsync(default);
    }

    [Fact]
    public async Task Nothing_is_delivered_after_an_unsubscribe_has_ended()
    {
        var (broker, sink) = await StartAsync();
        await broker.SubscribeAsync(Channel, default);
        await broker.SubscribeAsync(Other, default);
        await broker.PublishAsync(Channel, "before"u8.ToArray(), default);
        await sink.NextAsync();

        await broker.UnsubscribeAsync(Channel, default);
        await broker.PublishAsync(Channel, "after"u8.ToArray(), default);
        await broker.PublishAsync(Other, "the other still"u8.ToArray(), default);

        Assert.Equal("the other still", await sink.NextTextAsync());
        await broker.StopAsync(default);
    }

    [Fact]
    public async Task Every_publication_after_an_accepted_subscribe_is_delivered_also_the_hundredth_time()
    {
        var (broker, sink) = await StartAsync();

        for (var n = 0; n < 100; n++)
        {
            Assert.Equal(BrokerResult.Accepted, await broker.SubscribeAsync(Channel, default));
            await broker.PublishAsync(Channel, BitConverter.GetBytes(n), default);
            Assert.Equal(n, BitConverter.ToInt32((await sink.NextAsync()).Payload));
            await broker.UnsubscribeAsync(Channel, default);
        }

        Assert.True(sink.IsQuiet);
        await broker.StopAsync(default);
    }

    [Fact]
    public async Task An_unsubscribe_of_a_channel_that_is_not_subscribed_does_nothing()
    {
        var (broker, sink) = await StartAsync();

        await broker.UnsubscribeAsync(Channel, default);
        await broker.SubscribeAsync(Channel, default);
        await broker.PublishAsync(Channel, "x"u8.ToArray(), default);

        Assert.Equal("x", await sink.NextTextAsync());
        await broker.StopAsync(default);
    }

    [Fact]
    public async Task Before_the_start_and_after_the_stop_it_is_down_and_publishing_unavailable()
    {
        var broker = await CreateAsync();
        var sink = new AwaitedSink();

        Assert.Equal(BrokerState.Down, broker.State);
        Assert.Equal(BrokerResult.Unavailable, await broker.PublishAsync(Channel, "x"u8.ToArray(), default));
        await broker.StartAsync(sink, default);
        Assert.Equal(BrokerState.Up, broker.State);
        Assert.Equal(1, sink.Restored);
        await broker.StopAsync(default);

        Assert.Equal(BrokerState.Down, broker.State);
        Assert.Equal(BrokerResult.Unavailable, await broker.PublishAsync(Channel, "x"u8.ToArray(), default));
        Assert.True(sink.IsQuiet);
        Assert.Equal(0, sink.Lost);
    }

    protected async Task<(IBroker Broker, AwaitedSink Sink)> StartAsync()
    {
        var broker = await CreateAsync();
        var sink = new AwaitedSink();
        await broker.StartAsync(sink, default);
        return (broker, sink);
    }
}
