using System.Diagnostics.Metrics;
using System.Threading.Channels;
using MessageBus.Brokers;
using MessageBus.Protocol;
using MessageBus.UnitTests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessageBus.UnitTests.Brokers;

public sealed class BrokerProbeTests : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider _time = new();
    private readonly LeakyBroker _broker = new();
    private readonly KeptSink _clients = new();
    private readonly TestMeters _meters = new();
    private readonly BrokerProbe _probe;

    public BrokerProbeTests()
    {
        (_probe, _broker.Sink) = ProbeOf(_broker);
    }

    [Fact]
    public async Task What_it_publishes_comes_back_and_the_round_trip_is_told()
    {
        var heard = new List<double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Name is "messagebus.broker.roundtrip.duration" && instrument.Meter.Scope == _meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => heard.Add(seconds));
        listener.Start();
        _broker.IsLeaking = true;
        _probe.Start();
        await _broker.NextPublishAsync();

        for (var period = 0; period < 5; period++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(30));
            _broker.DeliverLast();
            _time.Advance(Period - TimeSpan.FromMilliseconds(30));
            await _broker.NextPublishAsync();
        }

        Assert.Equal(Enumerable.Repeat(0.03, 5), heard);
        Assert.Equal(0, _broker.Distrusts);
    }

    [Fact]
    public async Task It_is_on_a_reserved_channel_of_its_own_and_no_client_sees_it()
    {
        var other = new LeakyBroker();
        var (another, sink) = ProbeOf(other);
        other.Sink = sink;
        _probe.Start();
        await _broker.NextPublishAsync();
        another.Start();
        await other.NextPublishAsync();
        await another.StopAsync();

        _broker.Sink.Deliver(new Publication(ChannelName.OfGateways("other"), "hello"u8.ToArray(), ReceivedAt: 1));
        _broker.Sink.Deliver(new Publication(ChannelName.Parse("clients/own"), "hello"u8.ToArray(), ReceivedAt: 1));

        Assert.StartsWith("mb:probe:", _broker.Channel, StringComparison.Ordinal);
        Assert.False(ChannelName.TryParse(_broker.Channel, out _, out _));
        Assert.NotEqual(other.Channel, _broker.Channel);
        Assert.Equal(["clients/own"], _clients.Channels);
    }

    [Fact]
    public async Task Three_periods_without_hearing_it_distrust_the_broker_and_two_do_not()
    {
        _broker.IsLeaking = true;
        _probe.Start();
        await _broker.NextPublishAsync();

        await PassPeriodsAsync(2);
        var afterTwo = _broker.Distrusts;
        await PassPeriodsAsync(1);
        var afterThree = _broker.Distrusts;
        await PassPeriodsAsync(3);

        Assert.Equal((0, 1, 2), (afterTwo, afterThree, _broker.Distrusts));
    }

    [Fact]
    public async Task One_that_is_heard_between_starts_the_count_anew()
    {
        _broker.IsLeaking = true;
        _probe.Start();
        await _broker.NextPublishAsync();

        for (var round = 0; round < 3; round++)
        {
            await PassPeriodsAsync(1);
            _broker.IsLeaking = false;
            await PassPeriodsAsync(1);
            _broker.IsLeaking = true;
        }

        Assert.Equal(0, _broker.Distrusts);
    }

    [Fact]
    public async Task A_broker_that_is_down_is_left_alone()
    {
        _broker.IsLeaking = true;
        _broker.State = BrokerState.Down;
        _probe.Start();
        await _broker.NextPublishAsync();

        await PassPeriodsAsync(10);

        Assert.Equal(0, _broker.Distrusts);
    }

    [Fact]
    public async Task A_period_in_which_the_broker_has_returned_does_not_count()
    {
        _broker.IsLeaking = true;
        _probe.Start();
        await _broker.NextPublishAsync();

        for (var round = 0; round < 4; round++)
        {
            await PassPeriodsAsync(2);
            _broker.Sink.BrokerLost();
            _broker.Sink.BrokerRestored();
            await PassPeriodsAsync(1);
        }

        Assert.Equal(0, _broker.Distrusts);
        await PassPeriodsAsync(3);
        Assert.Equal(1, _broker.Distrusts);
    }

    [Fact]
    public async Task A_publish_that_hangs_counts_as_missing_and_is_not_joined_by_others()
    {
        var hanging = new TaskCompletionSource<BrokerResult>();
        _broker.Publishing = hanging.Task;
        _broker.IsLeaking = true;
        _probe.Start();
        await _broker.NextPublishAsync();

        for (var period = 0; period < 3; period++)
        {
            _time.Advance(Period);
            await _broker.NextLookAsync();
        }

        Assert.True(SpinWait.SpinUntil(() => _broker.Distrusts is 1, TimeSpan.FromSeconds(20)));
        Assert.Equal(1, _broker.Publishes);
        hanging.SetResult(BrokerResult.Unavailable);
    }

    [Fact]
    public async Task It_may_be_stopped_twice_and_without_a_start()
    {
        await _probe.StopAsync();
        await _probe.StopAsync();

        Assert.Equal(0, _broker.Publishes);
    }

    public async ValueTask DisposeAsync()
    {
        await _probe.StopAsync();
        _meters.Dispose();
    }

    private (BrokerProbe Probe, IBrokerSink Sink) ProbeOf(LeakyBroker broker)
    {
        var control = new ControlChannels(broker, _time, NullLogger<ControlChannels>.Instance);
        var options = new BrokerOptions { ProbeInterval = Period };
        return (new BrokerProbe(broker, control, new BrokerMetrics(_meters), options, _time, NullLogger<BrokerProbe>.Instance), control.Before(_clients));
    }

    /// <summary>Each period ends with the next publish.</summary>
    private async Task PassPeriodsAsync(int count)
    {
        for (var period = 0; period < count; period++)
        {
            _time.Advance(Period);
            await _broker.NextPublishAsync();
        }
    }

    /// <summary>A broker that says it is up, and may deliver nothing all the same.</summary>
    private sealed class LeakyBroker : IBroker
    {
        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

        private readonly Channel<int> _published = System.Threading.Channels.Channel.CreateUnbounded<int>();
        private readonly Channel<int> _looked = System.Threading.Channels.Channel.CreateUnbounded<int>();
        private BrokerState _state = BrokerState.Up;
        private int _distrusts;
        private int _publishes;
        private (ChannelName Channel, ReadOnlyMemory<byte> Payload) _last;

        public IBrokerSink Sink { get; set; } = null!;

        public string Channel { get; private set; } = "";

        public bool IsLeaking { get; set; }

        public Task<BrokerResult> Publishing { get; set; } = Task.FromResult(BrokerResult.Accepted);

        public int Distrusts => Volatile.Read(ref _distrusts);

        public int Publishes => Volatile.Read(ref _publishes);

        public BrokerState State
        {
            get
            {
                _looked.Writer.TryWrite(0);
                return _state;
            }

            set => _state = value;
        }

        public void DeliverLast() => Sink.Deliver(new Publication(_last.Channel, _last.Payload, ReceivedAt: 1));

        public Task<int> NextPublishAsync() => _published.Reader.ReadAsync().AsTask().WaitAsync(Limit);

        public Task<int> NextLookAsync() => _looked.Reader.ReadAsync().AsTask().WaitAsync(Limit);

        public Task StartAsync(IBrokerSink sink, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask<BrokerResult> PublishAsync(ChannelName channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _publishes);
            _last = (channel, payload);
            if (!IsLeaking)
            {
                Sink.Deliver(new Publication(channel, payload, ReceivedAt: 1));
            }

            _published.Writer.TryWrite(0);
            return new(Publishing);
        }

        public Task<BrokerResult> SubscribeAsync(ChannelName channel, CancellationToken cancellationToken)
        {
            Channel = channel.Value;
            return Task.FromResult(BrokerResult.Accepted);
        }

        public Task UnsubscribeAsync(ChannelName channel, CancellationToken cancellationToken) => Task.CompletedTask;

        public void Distrust() => Interlocked.Increment(ref _distrusts);
    }
}
