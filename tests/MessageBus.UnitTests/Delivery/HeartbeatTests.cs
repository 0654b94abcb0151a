using MessageBus.Delivery;
using MessageBus.Limits;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.Delivery;

/// <summary>The deadlines of a connection, through a loop, at the default options.</summary>
public sealed class HeartbeatTests
{
    private const string Ping = """{"type":"ping"}""";

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void Client_gets_a_ping_when_nothing_was_sent_for_the_ping_interval()
    {
        using var loop = Running();
        var client = loop.Connect();
        loop.Settle();

        loop.Advance(Seconds(25) - Moment);
        Assert.Equal(0, Pings(client));

        loop.Advance(Moment);
        Assert.Equal(1, Pings(client));
    }

    [Fact]
    public void Quiet_client_gets_a_ping_even_while_much_is_sent_to_it()
    {
        using var loop = Running();
        var client = loop.Connect();

        for (var second = 1; second <= 25; second++)
        {
            client.Send("{}");
            loop.Advance(Seconds(1));
        }

        Assert.Equal(1, Pings(client));
    }

    [Fact]
    public void Talking_client_gets_a_ping_when_nothing_was_sent_to_it()
    {
        using var loop = Running();
        var client = loop.Connect();
        loop.Settle();

        for (var second = 1; second <= 25; second++)
        {
            client.Subscriber.LastHeard = loop.Time.GetTimestamp();
            loop.Advance(Seconds(1));
        }

        Assert.Equal(1, Pings(client));
    }

    [Fact]
    public void Nobody_is_pinged_while_both_sides_talk()
    {
        using var loop = Running();
        var client = loop.Connect();

        for (var second = 1; second <= 100; second++)
        {
            client.Send("{}");
            client.Subscriber.LastHeard = loop.Time.GetTimestamp();
            loop.Advance(Seconds(1));
        }

        Assert.Equal(0, Pings(client));
    }

    [Fact]
    public void Ping_is_not_repeated_before_another_interval_has_passed()
    {
        using var loop = Running();
        var client = loop.Connect();
        loop.Settle();

        loop.Advance(Seconds(25));
        for (var tick = 1; tick < 50; tick++)
        {
            loop.Advance(Seconds(0.5));
        }

        Assert.Equal(1, Pings(client));
        loop.Advance(Seconds(0.5));
        Assert.Equal(2, Pings(client));
    }

    [Fact]
    public void Silent_client_is_closed_after_two_intervals_and_ten_seconds()
    {
        using var loop = Running();
        var client = loop.Connect();

        loop.Advance(Seconds(60));
        Assert.Empty(client.Owner.Closes);

        loop.Advance(Moment);
        Assert.Equal([CloseReason.HeartbeatMissed], client.Owner.Closes);
    }

    [Fact]
    public void Client_is_closed_when_its_token_expires()
    {
        using var loop = Running();
        var client = loop.Connect();
        client.Subscriber.ExpiresAt = loop.Time.GetTimestamp() + Seconds(5).Ticks;

        loop.Advance(Seconds(5) - Moment);
        Assert.Empty(client.Owner.Closes);

        loop.Advance(Moment);
        Assert.Equal([CloseReason.Unauthorized], client.Owner.Closes);
    }

    [Fact]
    public void Client_whose_token_was_refreshed_stays()
    {
        using var loop = Running();
        var client = loop.Connect();
        client.Subscriber.ExpiresAt = loop.Time.GetTimestamp() + Seconds(5).Ticks;

        client.Subscriber.ExpiresAt += Seconds(10).Ticks;
        loop.Advance(Seconds(6));

        Assert.Empty(client.Owner.Closes);
    }

    [Fact]
    public void Client_that_was_heard_is_not_closed()
    {
        using var loop = Running();
        var client = loop.Connect();

        loop.Advance(Seconds(59));
        client.Subscriber.LastHeard = loop.Time.GetTimestamp();
        loop.Advance(Seconds(60));

        Assert.Empty(client.Owner.Closes);
    }

    [Fact]
    public void Client_that_sends_no_connect_is_closed_without_ever_getting_a_ping()
    {
        using var loop = Running(options => options.PingInterval = Seconds(2));
        var client = loop.Attach();

        loop.Advance(Seconds(10));
        Assert.Empty(client.Owner.Closes);

        loop.Advance(Moment);
        Assert.Equal([CloseReason.ConnectTimeout], client.Owner.Closes);
        Assert.Empty(client.Output.Taken);
    }

    [Fact]
    public void Client_that_takes_nothing_for_too_long_is_too_slow()
    {
        using var loop = Running();
        var client = loop.Connect();
        loop.Settle();
        client.Output.State = OutputState.Busy;
        client.Send("{}");
        loop.Settle();

        loop.Advance(Seconds(10));
        Assert.Empty(client.Owner.Closes);

        loop.Advance(Moment);
        Assert.Equal([CloseReason.TooSlow], client.Owner.Closes);
    }

    [Fact]
    public void Client_that_has_caught_up_is_not_too_slow()
    {
        using var loop = Running();
        var client = loop.Connect();
        loop.Settle();
        client.Output.State = OutputState.Busy;
        client.Send("{}");
        loop.Settle();
        loop.Advance(Seconds(9));

        client.Output.State = OutputState.Drained;
        loop.Loop.Writable(client.Subscriber);
        loop.Settle();
        client.Output.State = OutputState.Busy;
        client.Send("{}");
        loop.Settle();
        loop.Advance(Seconds(9));

        Assert.Empty(client.Owner.Closes);
    }

    [Fact]
    public void Transport_is_cut_when_the_close_frame_does_not_get_out_in_time()
    {
        using var loop = Running();
        var client = loop.Connect();
        loop.Settle();
        client.Output.State = OutputState.Busy;
        client.Close(CloseReason.ShuttingDown);
        loop.Settle();

        loop.Advance(Seconds(5));
        Assert.False(client.Output.IsAborted);
        Assert.Equal(0, client.Owner.TimesEnded);

        loop.Advance(Moment);
        Assert.True(client.Output.IsAborted);
        Assert.Equal(1, client.Owner.TimesEnded);
    }

    [Fact]
    public void Deadlines_of_one_that_left_are_forgotten_and_those_of_the_others_are_kept()
    {
        using var loop = Running();
        var clients = Enumerable.Range(0, 4).Select(_ => loop.Connect()).ToList();
        loop.Loop.Detach(clients[1].Subscriber);
        loop.Loop.Detach(clients[1].Subscriber);
        loop.Loop.Detach(clients[3].Subscriber);
        loop.Settle();

        loop.Advance(Seconds(25));

        Assert.Equal([1, 0, 1, 0], clients.Select(Pings));
    }

    private static LoopUnderTest Running(Action<LimitOptions>? configure = null)
    {
        var loop = new LoopUnderTest(configure);
        loop.Start();
        loop.Loop.BrokerRestored();
        return loop;
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static int Pings(FakeClient client) => client.Output.Texts.Count(text => text == Ping);
}
