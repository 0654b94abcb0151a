using System.Text;
using MessageBus.Brokers;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.Brokers;

public sealed class InMemoryBrokerTests
{
    private static readonly ChannelName A = ChannelName.Parse("a");
    private static readonly ChannelName B = ChannelName.Parse("b");

    private readonly InMemoryBroker _broker = new(TimeProvider.System);
    private readonly List<string> _heard = [];

    [Fact]
    public async Task Broker_is_up_from_its_start_to_its_stop()
    {
        Assert.Equal(BrokerState.Down, _broker.State);
        Assert.Equal(BrokerResult.Unavailable, await PublishAsync(A, "x"));

        await StartAsync();
        Assert.Equal(BrokerState.Up, _broker.State);
        Assert.Equal(["restored"], _heard);

        await _broker.StopAsync(CancellationToken.None);
        Assert.Equal(BrokerState.Down, _broker.State);
        Assert.Equal(BrokerResult.Unavailable, await PublishAsync(A, "x"));
    }

    [Fact]
    public async Task Publications_of_subscribed_channels_are_delivered_in_order()
    {
        await StartAsync();
        await _broker.SubscribeAsync(A, CancellationToken.None);

        await PublishAsync(A, "1");
        await PublishAsync(B, "2");
        await PublishAsync(A, "3");
        await _broker.UnsubscribeAsync(A, CancellationToken.None);
        await PublishAsync(A, "4");

        Assert.Equal(["restored", "a 1", "a 3"], _heard);
    }

    [Fact]
    public async Task Others_in_the_process_hear_every_publication_whether_or_not_the_gateway_is_subscribed()
    {
        await StartAsync();
        var published = new List<string>();
        _broker.Published += (channel, payload) => published.Add($"{channel} {Encoding.UTF8.GetString(payload.Span)}");
        await _broker.SubscribeAsync(A, CancellationToken.None);

        await PublishAsync(A, "1");
        await PublishAsync(B, "2");

        Assert.Equal(["a 1", "b 2"], published);
    }

    [Fact]
    public async Task Its_subscriptions_can_be_looked_up()
    {
        await _broker.SubscribeAsync(A, CancellationToken.None);
        await _broker.SubscribeAsync(A, CancellationToken.None);

        Assert.True(_broker.IsSubscribed(A));
        Assert.False(_broker.IsSubscribed(B));
        Assert.Equal([A], _broker.Channels());
    }

    private Task StartAsync() => _broker.StartAsync(new Sink(_heard), CancellationToken.None);

    private async Task<BrokerResult> PublishAsync(ChannelName channel, string payload) =>
        await _broker.PublishAsync(channel, Encoding.UTF8.GetBytes(payload), CancellationToken.None);

    private sealed class Sink(List<string> heard) : IBrokerSink
    {
        public void Deliver(in Publication publication) => heard.Add($"{publication.Channel} {Encoding.UTF8.GetString(publication.Payload.Span)}");

        public void Missed(ChannelName channel) => heard.Add($"{channel} missed");

        public void BrokerLost() => heard.Add("lost");

        public void BrokerRestored() => heard.Add("restored");
    }
}
