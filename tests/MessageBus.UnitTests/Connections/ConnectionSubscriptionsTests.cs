using MessageBus.Access;
using MessageBus.Brokers;
using MessageBus.Connections;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.Connections;

public sealed class ConnectionSubscriptionsTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly ChannelName A = ChannelName.Parse("a");
    private static readonly ChannelName B = ChannelName.Parse("b");

    private readonly ConnectionUnderTest _connection = new(options => options.Limits.MaxSubscriptionsPerConnection = 2);

    private ConnectionSubscriptions Subscriptions => _connection.Connection.Subscriptions;

    public void Dispose() => _connection.Dispose();

    [Fact]
    public async Task Subscription_is_answered_once_the_broker_has_acknowledged_it()
    {
        var adding = Subscriptions.AddAsync(id: 7, A).AsTask();
        Assert.Empty(_connection.Sent);

        await _connection.AnswerAsync("subscribe a");

        Assert.Null(await adding.WaitAsync(Limit));
        Assert.Equal(["""{"type":"subscribed","id":7,"channel":"a"}"""], _connection.Sent);
        Assert.Equal(["a"], Subscriptions.Channels);
        Assert.Equal(1, _connection.SubscribersOf("a"));
    }

    [Fact]
    public async Task Channel_that_is_held_is_confirmed_and_another_is_not()
    {
        await AddAsync(A);

        Assert.True(Subscriptions.TryConfirm(id: 8, A));
        Assert.False(Subscriptions.TryConfirm(id: 9, B));

        Assert.Equal("""{"type":"subscribed","id":8,"channel":"a"}""", _connection.Sent[^1]);
        Assert.Equal(0, _connection.Broker.Waiting);
    }

    [Fact]
    public async Task Broker_that_is_away_is_a_refusal_that_says_when_to_try_again()
    {
        var adding = Subscriptions.AddAsync(id: 7, A).AsTask();
        await _connection.AnswerAsync("subscribe a", BrokerResult.Unavailable);

        var refusal = await adding.WaitAsync(Limit);

        Assert.Equal((ErrorCode.Unavailable, "a", TimeSpan.FromSeconds(1)), (refusal!.Code, refusal.Channel, refusal.RetryAfter));
        Assert.Empty(Subscriptions.Channels);
        Assert.Empty(_connection.Sent);
    }

    [Fact]
    public async Task What_is_forbidden_does_not_reach_the_broker()
    {
        Allow("b");

        var refusal = await Subscriptions.AddAsync(id: 7, A);

        Assert.Equal(new CommandError(ErrorCode.Forbidden, "Not allowed.", "a"), refusal);
        Assert.Equal(0, _connection.Broker.Waiting);
    }

    [Fact]
    public async Task Review_ends_what_is_no_longer_allowed_and_nothing_else()
    {
        await AddAsync(A);
        await AddAsync(B);
        Allow("b");

        await Subscriptions.ReviewAsync();

        Assert.Equal("""{"type":"unsubscribed","channel":"a","reason":"forbidden"}""", _connection.Sent[^1]);
        Assert.Equal(["b"], Subscriptions.Channels);
        Assert.Equal((0, 1), (_connection.SubscribersOf("a"), _connection.SubscribersOf("b")));
    }

    [Fact]
    public async Task Right_that_is_lost_while_the_broker_is_asked_ends_the_subscription_that_comes_of_it()
    {
        var adding = Subscriptions.AddAsync(id: 7, A).AsTask();
        var call = await _connection.Broker.NextCallAsync();
        Allow("b");
        await Subscriptions.ReviewAsync();

        call.Answer();
        await adding.WaitAsync(Limit);

        Assert.Equal(
            ["""{"type":"subscribed","id":7,"channel":"a"}""", """{"type":"unsubscribed","channel":"a","reason":"forbidden"}"""], _connection.Sent);
        Assert.Empty(Subscriptions.Channels);
        Assert.Equal(0, _connection.SubscribersOf("a"));
    }

    [Fact]
    public async Task Channel_is_given_back_once()
    {
        await AddAsync(A);

        Assert.True(Subscriptions.TryRemove(id: 8, A));
        Assert.False(Subscriptions.TryRemove(id: 9, A));
        Subscriptions.RemoveAll();

        Assert.Equal("""{"type":"unsubscribed","id":8,"channel":"a"}""", _connection.Sent[^1]);
        Assert.Equal(0, _connection.SubscribersOf("a"));
    }

    [Fact]
    public async Task At_the_end_everything_is_given_back_without_a_word()
    {
        await AddAsync(A);
        await AddAsync(B);
        var sent = _connection.Sent.Count;

        Subscriptions.RemoveAll();

        Assert.Equal(sent, _connection.Sent.Count);
        Assert.Equal((0, 0), (_connection.SubscribersOf("a"), _connection.SubscribersOf("b")));
    }

    private async Task AddAsync(ChannelName channel)
    {
        var adding = Subscriptions.AddAsync(id: null, channel).AsTask();
        await _connection.AnswerAsync($"subscribe {channel}");
        Assert.Null(await adding.WaitAsync(Limit));
    }

    private void Allow(string channel)
    {
        _connection.Options.Channels.Add(new ChannelRule { Pattern = channel, Subscribe = "anyone" });
        _connection.Access.Policy = AccessPolicy.Read(_connection.Options, new List<string>());
    }
}
