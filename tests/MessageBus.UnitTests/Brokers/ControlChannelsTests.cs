using System.Collections.Concurrent;
using System.Text;
using MessageBus.Brokers;
using MessageBus.Protocol;
using MessageBus.UnitTests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessageBus.UnitTests.Brokers;

public sealed class ControlChannelsTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _time = new();
    private readonly FakeBroker _broker = new();
    private readonly KeptSink _clients = new();
    private readonly ConcurrentQueue<string> _heard = new();
    private readonly ControlChannels _control;
    private readonly IBrokerSink _sink;

    public ControlChannelsTests()
    {
        _control = new ControlChannels(_broker, _time, NullLogger<ControlChannels>.Instance);
        _sink = _control.Before(_clients);
    }

    [Fact]
    public async Task Publications_of_control_channels_reach_their_subscription_in_order_and_nothing_else()
    {
        await SubscribeAsync();

        foreach (var text in new[] { "one", "two", "three" })
        {
            Deliver("gateways", text);
            Deliver("other", text);
        }

        _sink.Deliver(new Publication(ChannelName.Parse("orders/42"), "four"u8.ToArray(), ReceivedAt: 1));
        HeardAre("one", "two", "three");
        Assert.Equal(["orders/42"], _clients.Channels);
    }

    [Fact]
    public async Task Subscription_is_tried_again_every_second_until_the_broker_takes_it()
    {
        var subscribing = _control.SubscribeAsync("gateways", Hear, CancellationToken.None);
        await AnswerAsync("subscribe mb:gateways", BrokerResult.Unavailable);
        var subscription = await subscribing;

        _time.Advance(TimeSpan.FromSeconds(1));
        (await _broker.NextCallAsync()).Fail(new InvalidTimeZoneException("a fault of the tests"));
        Assert.False(subscription.IsAccepted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await AnswerAsync("subscribe mb:gateways");

        Assert.True(SpinWait.SpinUntil(() => subscription.IsAccepted, Limit));
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(0, _broker.Waiting);
    }

    [Fact]
    public async Task Handler_that_fails_hears_the_next_publication_all_the_same()
    {
        await SubscribeAsync(text =>
        {
            Hear(text);
            throw new InvalidTimeZoneException("a fault of the tests");
        });

        Deliver("gateways", "one");
        Deliver("gateways", "two");

        HeardAre("one", "two");
    }

    [Fact]
    public async Task Handler_that_takes_its_time_does_not_keep_the_thread_of_the_broker()
    {
        using var finish = new ManualResetEventSlim();
        await SubscribeAsync(text =>
        {
            Hear(text);
            finish.Wait(Limit);
        });

        Deliver("gateways", "one");
        Deliver("gateways", "two");
        HeardAre("one");
        finish.Set();

        HeardAre("one", "two");
    }

    [Fact]
    public async Task Disposed_subscription_is_given_back_and_its_name_is_free_again()
    {
        var first = await SubscribeAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => _control.SubscribeAsync("gateways", Hear, CancellationToken.None));

        var ending = first.DisposeAsync().AsTask();
        await AnswerAsync("unsubscribe mb:gateways");
        await ending;
        Deliver("gateways", "unheard");
        await SubscribeAsync();
        Deliver("gateways", "heard");

        HeardAre("heard");
    }

    [Fact]
    public async Task Stop_ends_the_subscriptions_without_asking_the_broker()
    {
        var subscription = await SubscribeAsync();

        await _control.StopAsync();

        Assert.True(subscription.Ended.IsCompletedSuccessfully);
        Assert.Equal(0, _broker.Waiting);
    }

    public async ValueTask DisposeAsync()
    {
        await _control.StopAsync();
        _control.Dispose();
    }

    private async Task<ControlSubscription> SubscribeAsync(Action<ReadOnlyMemory<byte>>? handler = null)
    {
        var subscribing = _control.SubscribeAsync("gateways", handler ?? Hear, CancellationToken.None);
        await AnswerAsync("subscribe mb:gateways");
        return await subscribing;
    }

    private void Deliver(string name, string text) => _sink.Deliver(new Publication(ChannelName.OfGateways(name), Encoding.UTF8.GetBytes(text), ReceivedAt: 1));

    private void Hear(ReadOnlyMemory<byte> payload) => _heard.Enqueue(Encoding.UTF8.GetString(payload.Span));

    private void HeardAre(params string[] texts)
    {
        SpinWait.SpinUntil(() => _heard.Count >= texts.Length, Limit);
        Assert.Equal(texts, _heard);
    }

    private async Task AnswerAsync(string call, BrokerResult result = BrokerResult.Accepted)
    {
        var next = await _broker.NextCallAsync();
        Assert.Equal(call, next.What);
        next.Answer(result);
    }
}
