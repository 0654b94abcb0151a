using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Protocol;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests.Delivery;

public sealed class ChannelDirectoryTests
{
    private static readonly ChannelName A = ChannelName.Parse("a");
    private static readonly ChannelName B = ChannelName.Parse("b");
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly FakeBroker _broker = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ChannelDirectory _directory;

    public ChannelDirectoryTests() =>
        _directory = new ChannelDirectory(_broker, new DeliveryOptions { SubscriptionLinger = Linger }, loops: 2, _time);

    [Fact]
    public async Task Many_that_come_at_once_share_one_subscribe_and_wait_for_its_acknowledgement()
    {
        var joiners = Enumerable.Range(0, 50).Select(i => _directory.AcquireAsync(A, FakeEncoding.Instance, loop: i % 2)).ToList();

        var call = await _broker.NextCallAsync();
        Assert.Equal("subscribe a", call.What);
        Assert.DoesNotContain(joiners, joiner => joiner.IsCompleted);
        call.Answer();
        var channels = await Task.WhenAll(joiners).WaitAsync(Limit);

        Assert.Single(channels.Distinct());
        Assert.Equal(50, channels[0]!.Count);
        Assert.Equal(0, _broker.Waiting);
    }

    [Fact]
    public async Task One_that_comes_later_needs_no_call_to_the_broker()
    {
        var first = await AcquireAsync(A);

        var second = await _directory.AcquireAsync(A, FakeEncoding.Instance, loop: 1).WaitAsync(Limit);

        Assert.Same(first, second);
        Assert.Equal(0, _broker.Waiting);
    }

    [Fact]
    public async Task Failure_is_told_to_all_who_wait_and_the_next_one_tries_anew()
    {
        var joiners = Enumerable.Range(0, 3).Select(_ => _directory.AcquireAsync(A, FakeEncoding.Instance, loop: 0)).ToList();
        (await _broker.NextCallAsync()).Answer(BrokerResult.Unavailable);
        var channels = await Task.WhenAll(joiners).WaitAsync(Limit);

        Assert.All(channels, Assert.Null);
        Assert.False(_directory.TryFind(A, out _));
        Assert.Equal(1, (await AcquireAsync(A)).Count);
    }

    [Fact]
    public async Task Broker_that_throws_is_met_by_all_who_wait_and_the_next_one_tries_anew()
    {
        var joiners = Enumerable.Range(0, 3).Select(_ => _directory.AcquireAsync(A, FakeEncoding.Instance, loop: 0)).ToList();
        (await _broker.NextCallAsync()).Fail(new InvalidOperationException("a fault of the test"));

        foreach (var joiner in joiners)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => joiner.WaitAsync(Limit));
        }

        Assert.Equal(1, (await AcquireAsync(A)).Count);
    }

    [Fact]
    public async Task Channel_is_given_back_only_after_the_linger()
    {
        var channel = await AcquireAsync(A);

        _directory.Release(channel, loop: 0);
        _time.Advance(Linger - TimeSpan.FromMilliseconds(1));
        _directory.Sweep();
        Assert.True(_directory.TryFind(A, out _));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _directory.Sweep();

        Assert.Equal("unsubscribe a", (await _broker.NextCallAsync()).What);
        Assert.False(_directory.TryFind(A, out _));
    }

    [Fact]
    public async Task Channel_that_is_wanted_again_within_the_linger_is_kept()
    {
        var channel = await AcquireAsync(A);
        _directory.Release(channel, loop: 0);

        _time.Advance(TimeSpan.FromSeconds(4));
        var again = await _directory.AcquireAsync(A, FakeEncoding.Instance, loop: 1).WaitAsync(Limit);
        _time.Advance(TimeSpan.FromMinutes(1));
        _directory.Sweep();

        Assert.Same(channel, again);
        Assert.True(_directory.TryFind(A, out _));
        Assert.Equal(0, _broker.Waiting);
    }

    [Fact]
    public async Task Linger_counts_from_the_last_time_the_channel_was_left()
    {
        var channel = await AcquireAsync(A);
        _directory.Release(channel, loop: 0);
        _time.Advance(TimeSpan.FromSeconds(4));
        await _directory.AcquireAsync(A, FakeEncoding.Instance, loop: 0).WaitAsync(Limit);
        _directory.Release(channel, loop: 0);

        _time.Advance(TimeSpan.FromSeconds(4));
        _directory.Sweep();
        Assert.True(_directory.TryFind(A, out _));
        _time.Advance(TimeSpan.FromSeconds(1));
        _directory.Sweep();

        Assert.False(_directory.TryFind(A, out _));
        Assert.Equal("unsubscribe a", (await _broker.NextCallAsync()).What);
    }

    [Fact]
    public async Task Channel_is_kept_while_another_loop_still_wants_it()
    {
        var channel = await AcquireAsync(A);
        await _directory.AcquireAsync(A, FakeEncoding.Instance, loop: 1).WaitAsync(Limit);

        _directory.Release(channel, loop: 0);
        _time.Advance(TimeSpan.FromMinutes(1));
        _directory.Sweep();

        Assert.True(_directory.TryFind(A, out _));
        Assert.False(channel.IsWantedBy(0));
        Assert.True(channel.IsWantedBy(1));
    }

    [Fact]
    public async Task Subscribe_does_not_overtake_the_unsubscribe_before_it()
    {
        var unsubscribe = await BeginUnsubscribeAsync(A);

        var again = _directory.AcquireAsync(A, FakeEncoding.Instance, loop: 0);

        // Each of these takes its call from the broker: one that came too early would be among them.
        for (var i = 0; i < 20; i++)
        {
            await AcquireAsync(ChannelName.Parse($"other/{i}"));
        }

        Assert.Equal(0, _broker.Waiting);
        Assert.False(again.IsCompleted);

        unsubscribe.Answer();
        var next = await _broker.NextCallAsync();
        Assert.Equal("subscribe a", next.What);
        next.Answer();
        Assert.NotNull(await again.WaitAsync(Limit));
    }

    [Fact]
    public async Task Unsubscribe_that_fails_does_not_keep_the_channel_from_being_subscribed_again()
    {
        var unsubscribe = await BeginUnsubscribeAsync(A);
        var again = _directory.AcquireAsync(A, FakeEncoding.Instance, loop: 0);

        unsubscribe.Fail(new InvalidOperationException("a fault of the test"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => again.WaitAsync(Limit));

        Assert.Equal(1, (await AcquireAsync(A)).Count);
    }

    [Fact]
    public async Task Stop_waits_for_the_unsubscribing_that_is_under_way()
    {
        var unsubscribe = await BeginUnsubscribeAsync(A);

        var stopping = _directory.StopAsync();
        Assert.False(stopping.IsCompleted);
        unsubscribe.Answer();

        await stopping.WaitAsync(Limit);
    }

    [Fact]
    public async Task Snapshot_lists_the_channels_that_are_wanted_with_their_subscriptions()
    {
        await AcquireAsync(A);
        await _directory.AcquireAsync(A, FakeEncoding.Instance, loop: 1).WaitAsync(Limit);
        _directory.Release(await AcquireAsync(B), loop: 0);

        Assert.Equal([(A, 2)], _directory.All.Select(channel => (channel.Name, channel.Count)));
    }

    private async Task<SubscriberGroup> AcquireAsync(ChannelName name)
    {
        var acquiring = _directory.AcquireAsync(name, FakeEncoding.Instance, loop: 0);
        var call = await _broker.NextCallAsync();
        Assert.Equal($"subscribe {name}", call.What);
        call.Answer();
        return Assert.IsType<SubscriberGroup>(await acquiring.WaitAsync(Limit));
    }

    private async Task<FakeBrokerCall> BeginUnsubscribeAsync(ChannelName name)
    {
        _directory.Release(await AcquireAsync(name), loop: 0);
        _time.Advance(Linger);
        _directory.Sweep();
        var call = await _broker.NextCallAsync();
        Assert.Equal($"unsubscribe {name}", call.What);
        return call;
    }
}
