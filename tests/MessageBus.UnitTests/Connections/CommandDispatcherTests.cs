using System.Text.Json;
using MessageBus.Brokers;
using MessageBus.Connections;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.Connections;

/// <summary>What becomes of commands, and how it is counted.</summary>
public sealed class CommandDispatcherTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly ConnectionUnderTest _connection = new(options => options.Limits.MaxSubscriptionsPerConnection = 1);
    public void Dispose() => _connection.Dispose();

    [Fact]
    public async Task Connect_counts_as_done_although_subscriptions_of_it_are_refused()
    {
        var connecting = DispatchAsync(new ConnectCommand(Id: 1, Token: null, ["a", "b", "*", "a"]));
        await _connection.AnswerAsync("subscribe a");
        await connecting.WaitAsync(Limit);

        Assert.Equal(
            [
                ("connect", null, 1L),
                ("subscribe", ErrorCode.BadChannel, 1L),
                ("subscribe", ErrorCode.TooManySubscriptions, 1L),
            ],
            Counted());
        Assert.StartsWith("""{"type":"connected","id":1,"connection":"c-1",""", _connection.Sent[0], StringComparison.Ordinal);
        Assert.Equal("""{"type":"subscribed","channel":"a"}""", _connection.Sent[^1]);
        Assert.Equal(4, _connection.Sent.Count);
    }

    [Fact]
    public async Task Command_before_connect_closes_and_counts_as_a_close_only()
    {
        await DispatchAsync(new SubscribeCommand(Id: 1, ChannelName.Parse("a")));

        Assert.Equal(CloseReason.BadMessage, _connection.Connection.CloseReason);
        Assert.Empty(Counted());
    }

    [Fact]
    public async Task Second_connect_is_refused()
    {
        await ConnectAsync();

        await DispatchAsync(new ConnectCommand(Id: 2, Token: null, []));

        Assert.Contains("\"id\":2,\"code\":\"unknown_type\"", _connection.Sent[^1], StringComparison.Ordinal);
        Assert.Equal([("connect", null, 1L), ("connect", ErrorCode.UnknownType, 1L)], Counted());
    }

    [Fact]
    public async Task Publish_counts_when_the_broker_has_answered()
    {
        await ConnectAsync();
        await DispatchAsync(new PublishCommand(Id: 2, ChannelName.Parse("a"), "1"u8.ToArray())).WaitAsync(Limit);
        await DispatchAsync(new PublishCommand(Id: 3, ChannelName.Parse("a"), "2"u8.ToArray())).WaitAsync(Limit);
        Assert.Equal([("connect", null, 1L)], Counted());

        await _connection.AnswerAsync("publish a");
        await _connection.AnswerAsync("publish a", BrokerResult.Unavailable);
        await _connection.Connection.Publishes.DrainAsync().WaitAsync(Limit);

        Assert.Equal("""{"type":"published","id":2}""", _connection.Sent[^2]);
        Assert.Contains("\"id\":3,\"code\":\"unavailable\"", _connection.Sent[^1], StringComparison.Ordinal);
        Assert.Equal(
            [("connect", null, 1L), ("publish", null, 1L), ("publish", ErrorCode.Unavailable, 1L)],
            Counted());
    }

    [Fact]
    public async Task Refused_command_counts_with_its_code()
    {
        await ConnectAsync();

        await DispatchAsync(new UnsubscribeCommand(Id: 2, ChannelName.Parse("a")));

        Assert.Contains("\"id\":2,\"channel\":\"a\",\"code\":\"not_subscribed\"", _connection.Sent[^1], StringComparison.Ordinal);
        Assert.Equal([("connect", null, 1L), ("unsubscribe", ErrorCode.NotSubscribed, 1L)], Counted());
    }

    [Fact]
    public async Task Feature_adds_a_command_with_one_registration()
    {
        using var connection = new ConnectionUnderTest(addCommands: services => services.AddCommand<EchoCommand, EchoHandler>());
        await connection.Dispatcher.DispatchAsync(connection.Connection, new ConnectCommand(Id: 1, Token: null, []));

        await connection.Connection.DoAsync("""{"type":"echo","id":2,"text":"hello"}"""u8);
        await connection.Connection.DoAsync("""{"type":"other","id":3}"""u8);

        Assert.Equal("""{"type":"echoed","id":2,"text":"hello"}""", connection.Sent[^2]);
        Assert.Contains("connect, subscribe, unsubscribe, publish, refresh, ping, pong, echo.", connection.Sent[^1], StringComparison.Ordinal);
        Assert.Contains(KeyValuePair.Create(("echo", default(ErrorCode?)), 1L), connection.Dispatcher.Results.Counts);
    }

    private Task ConnectAsync() => DispatchAsync(new ConnectCommand(Id: 1, Token: null, [])).WaitAsync(Limit);

    private Task DispatchAsync(Command command) => _connection.Dispatcher.DispatchAsync(_connection.Connection, command);

    private IEnumerable<(string Type, ErrorCode? Error, long Count)> Counted() =>
        from counted in _connection.Dispatcher.Results.Counts
        where counted.Value > 0
        orderby counted.Key.Type, counted.Key.Error
        select (counted.Key.Type, counted.Key.Error, counted.Value);

    private sealed record EchoCommand(int? Id, string Text) : Command(Id), ICommand
    {
        public static string Type => "echo";

        public static Command Read(int? id, JsonFields fields) =>
            fields.TryGetString("text"u8, out var text) ? new EchoCommand(id, text) : new InvalidCommand(id, ErrorCode.MissingField, "There is no text.");
    }

    private sealed record EchoReply(int? Id, string Text) : ServerMessage("echoed", Id)
    {
        protected override void WriteFields(Utf8JsonWriter json) => json.WriteString("text"u8, Text);
    }

    private sealed class EchoHandler : ICommandHandler<EchoCommand>
    {
        public ValueTask<CommandResult> HandleAsync(EchoCommand command, Connection connection)
        {
            connection.Send(new EchoReply(command.Id, command.Text));
            return default;
        }
    }
}
