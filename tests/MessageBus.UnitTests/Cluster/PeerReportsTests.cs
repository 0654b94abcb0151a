using System.Text;
using MessageBus.Brokers;
using MessageBus.Cluster;
using MessageBus.Delivery;
using MessageBus.Protocol;
using MessageBus.UnitTests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MessageBus.UnitTests.Cluster;

/// <summary>Telling the others and hearing them, against a broker that answers when the test says so.</summary>
public sealed class PeerReportsTests : IDisposable
{
    private const string Subscribe = "subscribe mb:gateways";
    private const string Publish = "publish mb:gateways";

    private readonly FakeTimeProvider _time = new();
    private readonly FakeBroker _broker = new();
    private readonly IHost _app;
    private readonly PeerReports _reports;

    public PeerReportsTests()
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddSingleton<TimeProvider>(_time).AddSingleton<IBroker>(_broker).AddMessageBus();
        _app = builder.Build();
        _reports = _app.Services.GetRequiredService<PeerReports>();
    }

    public void Dispose() => _app.Dispose();

    [Fact]
    public async Task Gateway_speaks_once_an_interval_and_says_goodbye_once()
    {
        await _reports.StartAsync(CancellationToken.None);
        await AnswerAsync(Subscribe);
        await AnswerAsync(Publish);

        _time.Advance(TimeSpan.FromSeconds(5));
        await AnswerAsync(Publish);
        var stopping = _reports.StopAsync(CancellationToken.None);
        await AnswerAsync(Publish);
        await stopping;
        await _reports.StopAsync(CancellationToken.None);
        _reports.Dispose();
        await _reports.StopAsync(CancellationToken.None);

        Assert.Equal(0, _broker.Waiting);
    }

    [Fact]
    public async Task While_the_broker_is_away_nothing_is_said_and_the_start_is_not_kept()
    {
        await _reports.StartAsync(CancellationToken.None);
        await AnswerAsync(Subscribe, BrokerResult.Unavailable);

        _time.Advance(TimeSpan.FromSeconds(5));
        await AnswerAsync(Subscribe, BrokerResult.Unavailable);
        _time.Advance(TimeSpan.FromSeconds(5));
        await AnswerAsync(Subscribe);
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(5));
                return _broker.Waiting > 0;
            },
            TimeSpan.FromSeconds(20)));
        await AnswerAsync(Publish, BrokerResult.Unavailable);
        _time.Advance(TimeSpan.FromSeconds(5));

        await AnswerAsync(Publish);
    }

    [Fact]
    public async Task Fault_of_the_broker_does_not_end_the_reports()
    {
        await _reports.StartAsync(CancellationToken.None);
        (await _broker.NextCallAsync()).Fail(new InvalidTimeZoneException("a fault of the tests"));

        _time.Advance(TimeSpan.FromSeconds(5));

        await AnswerAsync(Subscribe);
    }

    [Fact]
    public async Task Gateway_that_was_never_heard_of_stops_without_a_word()
    {
        await _reports.StopAsync(CancellationToken.None);
        await _reports.StartAsync(CancellationToken.None);
        await AnswerAsync(Subscribe, BrokerResult.Unavailable);

        await _reports.StopAsync(CancellationToken.None);

        Assert.Equal(0, _broker.Waiting);
    }

    [Fact]
    public async Task Others_are_heard_and_neither_nonsense_nor_the_gateway_itself()
    {
        var sink = _app.Services.GetRequiredService<ControlChannels>().Before(_app.Services.GetRequiredService<BrokerDeliveries>());
        var own = _app.Services.GetRequiredService<OwnReport>();
        var peers = _app.Services.GetRequiredService<PeerTable>();
        await _reports.StartAsync(CancellationToken.None);
        await AnswerAsync(Subscribe);

        sink.Deliver(new Publication(ChannelName.OfGateways("gateways"), own.Now().Write(), ReceivedAt: 1));
        sink.Deliver(new Publication(ChannelName.OfGateways("gateways"), Encoding.UTF8.GetBytes("nonsense"), ReceivedAt: 1));
        sink.Deliver(new Publication(ChannelName.OfGateways("other"), Reports.Of(2).Write(), ReceivedAt: 1));
        sink.Deliver(new Publication(ChannelName.OfGateways("gateways"), Reports.Of(1).Write(), ReceivedAt: 1));

        Assert.True(SpinWait.SpinUntil(() => peers.All().Count > 0, TimeSpan.FromSeconds(20)));
        Assert.Equal(["host-1"], peers.All().Select(peer => peer.Report.Host));
    }

    private async Task AnswerAsync(string call, BrokerResult result = BrokerResult.Accepted)
    {
        var next = await _broker.NextCallAsync();
        Assert.Equal(call, next.What);
        next.Answer(result);
    }
}
