using MessageBus.Brokers;
using MessageBus.History;
using MessageBus.Protocol;
using Client = MessageBus.UnitTests.History.HistoryClients.Client;

namespace MessageBus.UnitTests.History;

public class ChannelHistoryTests
{
    private static readonly ChannelName Channel = ChannelName.Parse("room/7");

    private readonly RecordedLog _log = new();
    private readonly HistoryClients _clients = new();
    private int _number;

    [Fact]
    public async Task A_client_that_comes_back_gets_what_it_missed_before_the_live_flow()
    {
        var history = await NewHistoryAsync();
        var client = new Client();
        Assert.True(await _clients.JoinAsync(history, client));
        Publish(history, 2);
        _clients.Leave(client);
        Publish(history, 3);

        Assert.True(await _clients.JoinAsync(history, client));
        Publish(history, 1);

        Assert.True(client.Recovered);
        Assert.Equal(6, client.Last);
    }

    [Fact]
    public async Task What_the_window_has_not_is_read_once_for_all_who_come_for_it()
    {
        Publish(history: null, 5);
        var history = await NewHistoryAsync();
        _log.Trim(10);
        var reads = _log.Reads;
        var clients = Enumerable.Range(0, 20).Select(_ => Back(new StreamPosition("e1", 2))).ToArray();

        foreach (var client in clients)
        {
            Assert.True(await _clients.JoinAsync(history, client));
        }

        Assert.All(clients, client => Assert.True(client.Recovered));
        Assert.All(clients, client => Assert.Equal(5, client.Last));
        Assert.Equal(1, _log.Reads - reads);
    }

    [Theory]
    [InlineData("e1", 1)] // trimmed
    [InlineData("e1", 99)] // of the future
    [InlineData("e9", 4)] // of another epoch
    public async Task A_position_that_cannot_be_served_is_not_recovered(string epoch, long offset)
    {
        Publish(history: null, 6);
        _log.Trim(3);
        var history = await NewHistoryAsync();
        var client = Back(new StreamPosition(epoch, offset));

        Assert.True(await _clients.JoinAsync(history, client));

        Assert.False(client.Recovered);
        Assert.Equal(new StreamPosition("e1", 6), client.Position);
    }

    [Fact]
    public async Task A_lost_envelope_is_read_from_the_log_and_nothing_is_told()
    {
        var history = await NewHistoryAsync();
        var client = new Client();
        await _clients.JoinAsync(history, client);
        Publish(history, 1);
        Publish(history: null, 2);
        Publish(history, 1);

        await SettledAsync(history);

        Assert.Equal(4, client.Last);
        Assert.Empty(_clients.Gaps);
    }

    [Fact]
    public async Task The_last_message_lost_before_a_silence_is_found_by_the_position_check()
    {
        var history = await NewHistoryAsync();
        var client = new Client();
        await _clients.JoinAsync(history, client);
        Publish(history: null, 1);

        await history.CheckAsync();
        await SettledAsync(history);

        Assert.Equal(1, client.Last);
    }

    [Fact]
    public async Task A_new_epoch_and_a_trimmed_log_are_told()
    {
        var history = await NewHistoryAsync();
        await _clients.JoinAsync(history, new Client());

        _log.BeginEpoch();
        history.Heal();
        await SettledAsync(history);
        Publish(history: null, 5);
        _log.Trim(2);
        history.Heal();
        await SettledAsync(history);

        Assert.Equal(
            [(GapReason.HistoryReset, new StreamPosition("e2", 1)), (GapReason.HistoryTrimmed, new StreamPosition("e2", 6))],
            _clients.Gaps.Select(gap => (gap.Reason, gap.Position!.Value)));
    }

    [Fact]
    public async Task What_is_not_recorded_passes_live_and_is_told_once()
    {
        var history = await NewHistoryAsync();
        var client = new Client();
        await _clients.JoinAsync(history, client);

        history.Accept(new Publication(Channel, HistoryClients.Payload(1), 0));
        history.Accept(new Publication(Channel, HistoryClients.Payload(2), 0));

        Assert.Equal(2, client.Last);
        Assert.Equal([(GapReason.NotRecorded, null)], _clients.Gaps);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Whatever_happens_clients_have_every_message_once_or_are_told(int seed)
    {
        var random = new Random(seed);
        var history = await NewHistoryAsync();
        var away = Enumerable.Range(0, 6).Select(_ => new Client()).ToList();
        var here = new List<Client>();
        for (var step = 0; step < 2000; step++)
        {
            switch (random.Next(12))
            {
                case < 6:
                    Publish(history, 1);
                    break;

                case 6:
                    Publish(history: null, 1);
                    break;

                case 7 when away.Count > 0:
                    var comes = away[random.Next(away.Count)];
                    away.Remove(comes);
                    Assert.True(await _clients.JoinAsync(history, comes));
                    here.Add(comes);
                    break;

                case 8 when here.Count > 0:
                    await SettledAsync(history);
                    var leaves = here[random.Next(here.Count)];
                    here.Remove(leaves);
                    _clients.Leave(leaves);
                    away.Add(leaves);
                    break;

                case 9 when random.Next(20) is 0:
                    _log.BeginEpoch();
                    break;

                case 10:
                    _log.Trim(random.Next(5, 40));
                    history.TrimWindow(random.Next(10));
                    break;

                case 11:
                    _log.ReadsToFail = random.Next(3);
                    history.Heal();
                    break;
            }
        }

        Publish(history, 1);
        await SettledAsync(history);

        // Who was told at the very end has its position, and has nothing to get behind it.
        Assert.All(here, client => Assert.Equal(_log.Top, client.Position));
        Assert.All(here, client => Assert.True(client.Last is null || client.Last == _number));
    }

    private async Task<ChannelHistory> NewHistoryAsync()
    {
        var limits = new HistoryLimits(MaxCatchUp: 1000, MaxCatchUpBytes: 100_000, JoinTimeout: TimeSpan.FromSeconds(60), Retry: TimeSpan.FromMilliseconds(1));
        var history = new ChannelHistory(Channel, _log, _clients, new HistoryBounds(100, TimeSpan.FromMinutes(1)), limits, TimeProvider.System);
        history.Heal();
        await SettledAsync(history);
        return history;
    }

    /// <summary>Publishes numbers. Without <paramref name="history"/> their envelopes are lost on the way to this gateway.</summary>
    private void Publish(ChannelHistory? history, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var publication = _log.Append(Channel, HistoryClients.Payload(++_number));
            history?.Accept(publication);
        }
    }

    private static Client Back(StreamPosition position)
    {
        var client = new Client();
        client.Told(position);
        return client;
    }

    private static Task SettledAsync(ChannelHistory history) => history.Healed;
}
