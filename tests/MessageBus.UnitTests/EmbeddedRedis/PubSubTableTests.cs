using MessageBus.EmbeddedRedis.PubSub;
using MessageBus.EmbeddedRedis.Resp;

namespace MessageBus.UnitTests.EmbeddedRedis;

public sealed class PubSubTableTests
{
    private readonly PubSubTable _table = new();

    [Fact]
    public async Task Each_subscriber_hears_in_its_own_version()
    {
        var (two, streamTwo) = NewSubscriber(RespVersion.Resp2);
        var (three, streamThree) = NewSubscriber(RespVersion.Resp3);
        _table.Subscribe(two, SubscriptionKind.Channel, "a"u8.ToArray());
        _table.Subscribe(three, SubscriptionKind.Channel, "a"u8.ToArray());

        var receivers = _table.Deliver("a"u8, "x"u8);

        Assert.Equal(2, receivers);
        Assert.Equal("*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n", await SentAsync(two, streamTwo));
        Assert.Equal(">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n>3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n", await SentAsync(three, streamThree));
    }

    [Fact]
    public async Task A_client_subscribed_by_name_and_by_pattern_hears_twice()
    {
        var (subscriber, stream) = NewSubscriber(RespVersion.Resp2);
        _table.Subscribe(subscriber, SubscriptionKind.Channel, "ab"u8.ToArray());
        _table.Subscribe(subscriber, SubscriptionKind.Pattern, "a*"u8.ToArray());

        var receivers = _table.Deliver("ab"u8, "x"u8);

        Assert.Equal(2, receivers);
        Assert.EndsWith(
            "*3\r\n$7\r\nmessage\r\n$2\r\nab\r\n$1\r\nx\r\n*4\r\n$8\r\npmessage\r\n$2\r\na*\r\n$2\r\nab\r\n$1\r\nx\r\n",
            await SentAsync(subscriber, stream), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_left_of_subscriptions_that_have_ended()
    {
        var (subscriber, _) = NewSubscriber(RespVersion.Resp2);
        _table.Subscribe(subscriber, SubscriptionKind.Channel, "a"u8.ToArray());
        _table.Subscribe(subscriber, SubscriptionKind.Channel, "b"u8.ToArray());
        _table.Subscribe(subscriber, SubscriptionKind.Pattern, "*"u8.ToArray());

        _table.Unsubscribe(subscriber, SubscriptionKind.Channel, "a"u8.ToArray());
        _table.Forget(subscriber);

        Assert.Equal(0, _table.Deliver("a"u8, "x"u8));
        Assert.Empty(_table.Channels());
        Assert.Equal(0, _table.PatternCount);
        Assert.Equal(0, subscriber.Count);
    }

    private static (Subscriber Subscriber, GatedStream Stream) NewSubscriber(RespVersion version)
    {
        var stream = new GatedStream();
        stream.Open();
        return (new Subscriber(new OutputQueue(stream, maxBytes: 10_000)) { Version = version }, stream);
    }

    private static async Task<string> SentAsync(Subscriber subscriber, GatedStream stream)
    {
        subscriber.Output.Complete();
        await subscriber.Output.RunAsync(CancellationToken.None);
        return string.Concat(stream.Writes);
    }
}
