using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Protocol;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests.Delivery;

public sealed class ChannelRatesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ChannelDirectory _directory;
    private readonly ChannelRates _rates;

    public ChannelRatesTests()
    {
        _directory = new ChannelDirectory(new InMemoryBroker(_time), new DeliveryOptions(), loops: 1, _time);
        _rates = new ChannelRates(_directory, _time);
    }

    [Fact]
    public async Task Rate_is_what_came_between_two_looks()
    {
        var busy = await ChannelAsync("busy");
        var quiet = await ChannelAsync("quiet");
        Publish(busy, 100);

        _rates.Look();
        Assert.Null(busy.Rate);
        Publish(busy, 30);
        _time.Advance(TimeSpan.FromSeconds(2));
        _rates.Look();

        Assert.Equal(15, busy.Rate);
        Assert.Equal(0, quiet.Rate);
        Assert.Equal(130, busy.Publications);
    }

    [Fact]
    public async Task Several_who_look_disturb_each_other_not()
    {
        var channel = await ChannelAsync("a");
        _rates.Look();
        Publish(channel, 10);
        _time.Advance(TimeSpan.FromSeconds(1));
        _rates.Look();

        Publish(channel, 1);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        _rates.Look();
        Assert.Equal(10, channel.Rate);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _rates.Look();

        Assert.Equal(1, channel.Rate);
    }

    [Fact]
    public async Task Look_after_a_long_while_begins_anew()
    {
        var channel = await ChannelAsync("a");
        _rates.Look();
        Publish(channel, 10);
        _time.Advance(ChannelRates.LongestSpan + TimeSpan.FromSeconds(1));

        _rates.Look();

        Assert.Null(channel.Rate);
    }

    private static void Publish(LocalChannel channel, int count)
    {
        for (var i = 0; i < count; i++)
        {
            channel.CountPublication();
        }
    }

    private async Task<LocalChannel> ChannelAsync(string name) => (await _directory.AcquireAsync(ChannelName.Parse(name), FakeEncoding.Instance, loop: 0))!.Channel;
}
