namespace MessageBus.UnitTests.Delivery;

/// <summary>How a connection knows that its client sends faster than the loop answers.</summary>
public sealed class PendingAnswersTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Client_is_ahead_until_the_loop_has_done_what_it_asked_for()
    {
        using var loop = new LoopUnderTest();
        var client = loop.Attach();
        var channel = LoopUnderTest.Channel("a");
        for (var n = 0; n < 40; n++)
        {
            client.Send("answer");
            loop.Loop.Unsubscribe(client.Subscribe(channel, "subscribed"), reply: null);
        }

        var wasAhead = client.Subscriber.IsAhead;
        var caughtUp = loop.Loop.CatchUpAsync();
        var waited = !caughtUp.IsCompleted;
        loop.Start();
        await caughtUp.WaitAsync(Limit);

        Assert.True(wasAhead);
        Assert.True(waited);
        Assert.False(client.Subscriber.IsAhead);
    }

    [Fact]
    public void Publications_and_a_few_answers_do_not_hold_a_client_up()
    {
        using var loop = new LoopUnderTest();
        var client = loop.Attach();
        var channel = LoopUnderTest.Channel("a");
        client.Subscribe(channel);

        for (var n = 0; n < 1000; n++)
        {
            loop.Publish(channel, "message");
        }

        client.Send("answer");

        Assert.False(client.Subscriber.IsAhead);
    }
}
