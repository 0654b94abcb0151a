using MessageBus.Brokers;
using MessageBus.Connections;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.Connections;

/// <summary>What becomes of commands, and how it is counted.</summary>
public sealed class ConnectionCommandsTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly ConnectionUnderTest _connection = new(options => options.MaxSubscriptionsPerConnection = 1);
    private readonly ConnectionCommands _commands;

    public ConnectionCommandsTests() => _commands = new ConnectionCommands(_connection.Connection, _connection.Scope);

    public void Dispose() => _connection.Dispose();

    [Fact]
    public async Task Connect_counts_as_done_although_subscriptions_of_it_are_refused()
    {
        var connecting = _commands.DoAsync(new ConnectCommand(Id: 1, Token: null, [new("a"), new("b"), new("*"), new("a")]));
        await _connection.AnswerAsync("subscribe a");
        await connecting.WaitAsync(Limit);

        Assert.Equal(
            [
                (typeof(ConnectCommand), null, 1L),
                (typeof(SubscribeCommand), ErrorCode.BadChannel, 1L),
                (typeof(SubscribeCommand), ErrorCode.TooManySubscriptions, 1L),
            ],
            Counted());
        Assert.StartsWith("""{"type":"connected","id":1,"connection":"c-1",""", _connection.Sent[0], StringComparison.Ordinal);
        Assert.Equal("""{"type":"subscribed","channel":"a"}""", _connection.Sent[^1]);
        Assert.Equal(4, _connection.Sent.Count);
    }

    [Fact]
    public async Task Command_before_connect_closes_and_counts_as_a_close_only()
    {
        await _commands.DoAsync(new SubscribeCommand(Id: 1, ChannelName.Parse("a")));

        Assert.Equal(CloseReason.BadMessage, _connection.Connection.CloseReason);
        Assert.Empty(Counted());
    }

    [Fact]
    public async Task Second_connect_is_refused()
    {
        await ConnectAsync();

        await _commands.DoAsync(new ConnectCommand(Id: 2, Token: null, []));

        Assert.Contains("\"id\":2,\"code\":\"unknown_type\"", _connection.Sent[^1], StringComparison.Ordinal);
        Assert.Equal([(typeof(ConnectCommand), null, 1L), (typeof(ConnectCommand), ErrorCode.UnknownType, 1L)], Counted());
    }

    [Fact]
    public async Task Publish_counts_when_the_broker_has_answered()
    {
        await ConnectAsync();
        await _commands.DoAsync(new PublishCommand(Id: 2, ChannelName.Parse("a"), "1"u8.ToArray())).WaitAsync(Limit);
        await _commands.DoAsync(new PublishCommand(Id: 3, ChannelName.Parse("a"), "2"u8.ToArray())).WaitAsync(Limit);
        Assert.Equal([(typeof(ConnectCommand), null, 1L)], Counted());

        await _connection.AnswerAsync("publish a");
        await _connection.AnswerAsync("publish a", BrokerResult.Unavailable);
        await _commands.EndAsync().WaitAsync(Limit);

        Assert.Equal("""{"type":"published","id":2}""", _connection.Sent[^2]);
        Assert.Contains("\"id\":3,\"code\":\"unavailable\"", _connection.Sent[^1], StringComparison.Ordinal);
        Assert.Equal(
            [(typeof(ConnectCommand), null, 1L), (typeof(PublishCommand), null, 1L), (typeof(PublishCommand), ErrorCode.Unavailable, 1L)],
            Counted());
    }

    [Fact]
    public async Task Refused_command_counts_with_its_code()
    {
        await ConnectAsync();

        await _commands.DoAsync(new UnsubscribeCommand(Id: 2, ChannelName.Parse("a")));

        Assert.Contains("\"id\":2,\"channel\":\"a\",\"code\":\"not_subscribed\"", _connection.Sent[^1], StringComparison.Ordinal);
        Assert.Equal([(typeof(ConnectCommand), null, 1L), (typeof(UnsubscribeCommand), ErrorCode.NotSubscribed, 1L)], Counted());
    }

    private Task ConnectAsync() => _commands.DoAsync(new ConnectCommand(Id: 1, Token: null, [])).WaitAsync(Limit);

    private IEnumerable<(Type Command, ErrorCode? Refusal, long Count)> Counted() =>
        from counted in _connection.Counters.Commands.Counts
        where counted.Value > 0
        orderby counted.Key.Command.Name, counted.Key.Refusal
        select (counted.Key.Command, counted.Key.Refusal, counted.Value);
}
