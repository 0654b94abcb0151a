using MessageBus.Bench.Load;

namespace MessageBus.UnitTests.Bench;

public class TallyTests
{
    private readonly Tally _tally = new();

    public TallyTests() => _tally.Begin();

    [Fact]
    public void A_publication_is_complete_when_all_before_it_are()
    {
        var first = _tally.Publish(2);
        var second = _tally.Publish(1);

        Deliver(second);
        Deliver(first);
        var before = _tally.Complete;
        Deliver(first);

        Assert.Equal((0, 2), (before, _tally.Complete));
        Assert.True(_tally.AllDelivered);
    }

    [Fact]
    public void A_second_copy_does_not_hide_a_lost_one()
    {
        var first = _tally.Publish(1);
        _tally.Publish(1);

        Deliver(first);
        Deliver(first);

        Assert.Equal((2, 1, 1), (_tally.Expected, _tally.Delivered, _tally.OutOfOrder));
        Assert.False(_tally.AllDelivered);
    }

    [Fact]
    public void A_copy_of_an_earlier_flow_does_not_count()
    {
        var stray = _tally.Publish(1);
        _tally.Begin();

        Deliver(stray);

        Assert.Equal((0, 0, 0), (_tally.Expected, _tally.Delivered, _tally.OutOfOrder));
    }

    private void Deliver(uint publication) => _tally.OnDelivery(publication, time: 0, now: 1, inOrder: true);
}
