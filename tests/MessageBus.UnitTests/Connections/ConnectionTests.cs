using MessageBus.Connections;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.Connections;

/// <summary>A connection over a transport that the test plays.</summary>
public sealed class ConnectionTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly ConnectionUnderTest _connection = new();
    private Connection? _ended;

    public void Dispose() => _connection.Dispose();

    [Fact]
    public void Connection_closes_once_with_the_first_reason()
    {
        _connection.Connection.Close(CloseReason.Forbidden);
        _connection.Connection.Close(CloseReason.ShuttingDown);
        _connection.Connection.Abort();

        Assert.Equal(CloseReason.Forbidden, _connection.Connection.CloseReason);
        Assert.Equal(["close 4403"], _connection.Sent);
    }

    [Fact]
    public async Task Connection_ends_once_its_last_frame_is_sent_and_its_client_has_closed()
    {
        _connection.Connection.Start(ended => _ended = ended);
        _connection.Connection.Close(CloseReason.ShuttingDown);
        Assert.Equal(["close 4503"], _connection.Sent);
        Assert.False(_connection.Transport.IsDisposed);

        _connection.Transport.End(isReadToEnd: true);
        await _connection.Connection.Ended.WaitAsync(Limit);

        Assert.True(_connection.Transport.IsDisposed);
        Assert.Same(_connection.Connection, _ended);
    }

    [Fact]
    public async Task Transport_that_is_gone_ends_the_connection_as_lost_without_a_frame()
    {
        _connection.Connection.Start(ended => _ended = ended);

        _connection.Transport.End(isReadToEnd: false);
        await _connection.Connection.Ended.WaitAsync(Limit);

        Assert.Equal(CloseReason.Lost, _connection.Connection.CloseReason);
        Assert.Empty(_connection.Sent);
        Assert.True(_connection.Transport.IsDisposed);
    }

    [Theory]
    [InlineData(typeof(InvalidOperationException), CloseReason.Internal)]
    [InlineData(typeof(IOException), CloseReason.Lost)]
    [InlineData(typeof(OperationCanceledException), CloseReason.Lost)]
    public async Task Transport_that_throws_ends_the_connection(Type fault, CloseReason reason)
    {
        _connection.Connection.Start(ended => _ended = ended);

        _connection.Transport.Fail((Exception)Activator.CreateInstance(fault)!);
        await _connection.Connection.Ended.WaitAsync(Limit);

        Assert.Equal(reason, _connection.Connection.CloseReason);
        Assert.Same(_connection.Connection, _ended);
    }

    [Fact]
    public async Task Connection_that_leaves_answers_what_is_under_way_and_carries_out_nothing_more()
    {
        await _connection.Connection.DoAsync("""{"type":"connect"}"""u8);
        await _connection.Connection.DoAsync("""{"type":"publish","id":2,"channel":"a","payload":"x"}"""u8);
        var sent = _connection.Sent.Count;

        var leaving = _connection.Connection.LeaveAsync(CloseReason.ShuttingDown);
        await _connection.Connection.DoAsync("""{"type":"unsubscribe","id":3,"channel":"a"}"""u8);
        await _connection.AnswerAsync("publish a");
        await leaving.WaitAsync(Limit);

        Assert.Equal(["""{"type":"published","id":2}""", "close 4503"], _connection.Sent.Skip(sent));
    }
}
