using MessageBus.Redis.Links;

namespace MessageBus.UnitTests.Redis;

public sealed class NumberedProbeTests
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    private readonly FakeTimeProvider _time = new();
    private readonly NumberedProbe _probe;

    public NumberedProbeTests() => _probe = new NumberedProbe(_time);

    [Fact]
    public void Probes_heard_in_their_order_have_lost_none()
    {
        for (var n = 0; n < 5; n++)
        {
            Assert.Equal(0, _probe.Hear(_probe.Send()));
        }
    }

    [Fact]
    public void A_hole_in_the_numbers_is_what_was_lost()
    {
        _probe.Hear(_probe.Send());
        _probe.Send();
        _probe.Send();

        Assert.Equal(2, _probe.Hear(_probe.Send()));
        Assert.Equal(0, _probe.Hear(_probe.Send()));
    }

    [Fact]
    public void Those_before_the_first_that_is_heard_are_no_hole()
    {
        _probe.Send();
        _probe.Send();

        Assert.Equal(0, _probe.Hear(_probe.Send()));
    }

    [Fact]
    public void One_that_Redis_did_not_take_is_no_hole()
    {
        _probe.Hear(_probe.Send());
        _probe.Withdraw(_probe.Send());
        var next = _probe.Send();
        _probe.Withdraw(_probe.Send());

        Assert.Equal(0, _probe.Hear(next));
        Assert.Equal(0, _probe.Hear(_probe.Send()));
    }

    [Fact]
    public void Three_periods_of_silence_are_borne_and_the_fourth_is_too_much()
    {
        _probe.Hear(_probe.Send());

        Assert.Equal([false, false, false, true], Enumerable.Range(0, 4).Select(_ => _probe.EndPeriod(Period, hasProgressed: false)));
    }

    [Fact]
    public void A_probe_may_wait_behind_what_arrives_but_not_for_ever()
    {
        _probe.Hear(_probe.Send());

        Assert.Equal(20, Enumerable.Range(0, 30).TakeWhile(_ => !_probe.EndPeriod(Period, hasProgressed: true)).Count());
    }

    [Fact]
    public void A_link_that_is_slow_has_three_round_trips()
    {
        var number = _probe.Send();
        _time.Advance(TimeSpan.FromSeconds(1));
        _probe.Hear(number);

        Assert.Equal(6, Enumerable.Range(0, 30).TakeWhile(_ => !_probe.EndPeriod(Period, hasProgressed: false)).Count());
    }
}
