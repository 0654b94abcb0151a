using System.Collections.Concurrent;
using MessageBus.Delivery;

namespace MessageBus.UnitTests.Delivery;

/// <summary>What wakes the consumer of an inbox, and what waits until something does.</summary>
public sealed class InboxTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly Inbox<int> _inbox = new();
    private readonly BlockingCollection<int[]> _turns = [];

    [Fact]
    public void What_is_posted_quietly_is_taken_with_what_is_posted_next()
    {
        var consumer = StartWaiting();

        _inbox.Post(1, isQuiet: true);
        _inbox.Post(2, isQuiet: true);
        _inbox.Post(3);

        Assert.Equal("1 2 3", NextTurn());
        End(consumer);
    }

    [Fact]
    public void What_is_posted_quietly_is_taken_when_the_consumer_is_woken_up()
    {
        var consumer = StartWaiting();

        _inbox.Post(1, isQuiet: true);
        _inbox.WakeUp();

        Assert.Equal("1", NextTurn());
        End(consumer);
    }

    [Fact]
    public void Waking_up_without_anything_to_take_is_no_turn()
    {
        var consumer = StartWaiting();

        _inbox.WakeUp();
        _inbox.Post(1);

        Assert.Equal("1", NextTurn());
        End(consumer);
    }

    [Fact]
    public void Nobody_overtakes_what_was_posted_quietly()
    {
        var consumer = StartWaiting();

        _inbox.Post(1, isQuiet: true);

        Assert.False(_inbox.TryEnter());
        End(consumer);
        Assert.Equal("1", NextTurn());
    }

    public void Dispose() => _turns.Dispose();

    private string NextTurn()
    {
        Assert.True(_turns.TryTake(out var turn, Limit), "The consumer was not woken.");
        return string.Join(' ', turn);
    }

    /// <summary>Only a consumer that waits has a place to be taken.</summary>
    private Thread StartWaiting()
    {
        var consumer = new Thread(() =>
        {
            while (_inbox.TakeAll() is { Count: > 0 } items)
            {
                _turns.Add([.. items]);
            }
        });
        consumer.Start();
        Assert.True(SpinWait.SpinUntil(_inbox.TryEnter, Limit), "The consumer does not wait.");
        _inbox.Leave();
        return consumer;
    }

    private void End(Thread consumer)
    {
        _inbox.Close();
        Assert.True(consumer.Join(Limit), "The consumer has not ended.");
    }
}
