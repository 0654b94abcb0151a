using MessageBus.Limits;

namespace MessageBus.UnitTests.Limits;

public sealed class TokenBucketTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void As_many_as_the_burst_are_there_at_once_and_then_one_for_each_interval()
    {
        var rate = new Rate(perSecond: 4, burst: 3, _time);
        var bucket = default(TokenBucket);

        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => bucket.TryTake(rate, out var _)));
        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(bucket.TryTake(rate, out var wait));
        Assert.Equal(TimeSpan.FromMilliseconds(1), wait);
        _time.Advance(wait);
        Assert.True(bucket.TryTake(rate, out _));
        Assert.False(bucket.TryTake(rate, out wait));
        Assert.Equal(TimeSpan.FromMilliseconds(250), wait);
    }

    [Fact]
    public void A_long_pause_brings_no_more_than_the_burst()
    {
        var rate = new Rate(perSecond: 100, burst: 2, _time);
        var bucket = default(TokenBucket);
        bucket.TryTake(rate, out _);
        Assert.False(bucket.IsFull(rate));

        _time.Advance(TimeSpan.FromDays(30));

        Assert.True(bucket.IsFull(rate));
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => bucket.TryTake(rate, out var _)));
    }

    [Fact]
    public void A_wait_is_long_enough_also_where_it_is_no_whole_number_of_milliseconds()
    {
        var rate = new Rate(perSecond: 3, burst: 1, _time);
        var bucket = default(TokenBucket);
        bucket.TryTake(rate, out _);

        bucket.TryTake(rate, out var wait);
        Assert.Equal(TimeSpan.FromMilliseconds(334), wait);
        _time.Advance(wait);

        Assert.True(bucket.TryTake(rate, out _));
    }

    [Fact]
    public void Who_goes_on_regardless_gets_into_debt_until_it_is_hopeless()
    {
        var rate = new Rate(perSecond: 10, burst: 2, _time);
        var bucket = default(TokenBucket);

        var payments = Enumerable.Range(0, 5).Select(_ => bucket.Charge(rate, out var _)).ToList();

        Assert.Equal([Payment.Paid, Payment.Paid, Payment.OnCredit, Payment.OnCredit, Payment.Overdrawn], payments);
    }

    [Fact]
    public void A_debt_is_paid_by_waiting_as_long_as_it_says()
    {
        var rate = new Rate(perSecond: 10, burst: 2, _time);
        var bucket = default(TokenBucket);
        bucket.Charge(rate, out _);
        bucket.Charge(rate, out _);
        Assert.Equal(Payment.OnCredit, bucket.Charge(rate, out var wait));
        Assert.Equal(TimeSpan.FromMilliseconds(200), wait);

        _time.Advance(wait);
        Assert.Equal(Payment.Paid, bucket.Charge(rate, out wait));
        Assert.Equal(TimeSpan.Zero, wait);

        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal(Payment.OnCredit, bucket.Charge(rate, out _));
    }

    [Theory]
    [InlineData(1, 1_000_000)]
    [InlineData(1_000_000, 1)]
    [InlineData(1_000_000, 1_000_000)]
    public void The_largest_rates_and_bursts_are_kept(int perSecond, int burst)
    {
        var rate = new Rate(perSecond, burst, _time);
        var bucket = default(TokenBucket);

        var taken = 0;
        while (bucket.TryTake(rate, out _))
        {
            taken++;
        }

        Assert.Equal(burst, taken);
    }
}
