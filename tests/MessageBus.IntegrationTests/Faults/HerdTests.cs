using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MessageBus.IntegrationTests.Hostile;
using MessageBus.IntegrationTests.Support;
using Xunit.Abstractions;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>All clients of a gateway lose their connections in the same moment, and all come back.</summary>
[Collection(nameof(HeavyLoad))]
[Trait("Length", "Long")]
public sealed partial class HerdTests(ITestOutputHelper output)
{
    private const int Clients = 10_000;
    private const int Channels = 50;

    // And what a process has open besides; a gateway also has some of those that were cut off, until it has seen that.
    private const int FilesNeeded = Clients + 2_000;

    // Those of a start and an end, and of a fault of the machine's: not one for each connection.
    private const int LinesAtMost = 20;

    // As many come at once as a gateway's kernel lets wait.
    private static readonly ParallelOptions Crowded = new() { MaxDegreeOfParallelism = 256 };

    [Fact]
    public async Task Ten_thousand_are_cut_off_at_once_and_come_back_and_Redis_hardly_notices()
    {
        Assert.True(ProcessFacts.MaxOpenFiles >= FilesNeeded, $"Two processes of this test need {FilesNeeded} open files each, and may have {ProcessFacts.MaxOpenFiles}: ulimit -n {FilesNeeded}");
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(
            Footprint.SmallNursery, "DOTNET_ENVIRONMENT=Development", "--urls=http://127.0.0.1:0", $"ConnectionStrings__Redis={redis.Endpoint}",
            $"MessageBus__Limits__MaxConnectionsPerAddress={2 * Clients}", "MessageBus__Limits__PingInterval=00:02:00");
        gateway.ReadOn();
        await using var other = await Witness.StartAsync(() => gateway.Bus, "herd/other");
        await using var publisher = new StampedPublisher(redis.Port, TimeSpan.FromMilliseconds(25), "herd/other");
        var herd = Enumerable.Range(0, Clients).Select(n => new HerdClient(gateway.Bus, $"herd/{n % Channels}")).ToList();
        await ConnectAsync(herd);
        await HearAsync(herd, redis, "before");
        var before = Footprint.Of(gateway);
        var subscribes = await SubscribesAsync(redis);
        var commands = await CommandsAsync(redis) - publisher.Next;

        herd.ForEach(client => client.CutOff());
        await ConnectAsync(herd);
        var commandsMore = await CommandsAsync(redis) - publisher.Next - commands;
        var subscribesMore = await SubscribesAsync(redis) - subscribes;
        await HearAsync(herd, redis, "after");
        await other.HasHeardAsync("herd/other", publisher.Next);

        output.WriteLine($"{commandsMore} commands at Redis while {Clients} clients came back, {subscribesMore} of them SUBSCRIBE.");
        Assert.InRange(subscribesMore, 0, Channels);
        Assert.InRange(commandsMore, 0, Clients / 10);
        other.HasSeenNoWrong();
        Assert.Equal(1, other.Connections);
        await before.ReturnsAsync(gateway);
        herd.ForEach(client => client.Dispose());
        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.InRange(gateway.Lines.Count, 1, LinesAtMost);
    }

    private async Task ConnectAsync(List<HerdClient> herd)
    {
        var taking = Stopwatch.StartNew();
        await Eventually.DoneAsync(
            Parallel.ForEachAsync(herd, Crowded, async (client, _) => await client.ConnectAsync()), "the whole herd is connected", TimeSpan.FromMinutes(2));
        output.WriteLine($"{herd.Count} clients have connected in {taking.Elapsed.TotalSeconds:0.0} s.");
    }

    private static async Task HearAsync(List<HerdClient> herd, RedisServerProcess redis, string words)
    {
        using var backend = new RespConnection(redis.Port);
        await backend.PublishAsync(Enumerable.Range(0, Channels).Select(n => ($"herd/{n}", Encoding.ASCII.GetBytes(words))));
        foreach (var client in herd)
        {
            Assert.Equal($$"""{"type":"message","channel":"{{client.Channel}}","payload":"{{words}}"}""", await client.NextAsync());
        }
    }

    private static Task<int> SubscribesAsync(RedisServerProcess redis) => NumberAsync(redis, "commandstats", SubscribeCalls());

    private static Task<int> CommandsAsync(RedisServerProcess redis) => NumberAsync(redis, "stats", Commands());

    private static async Task<int> NumberAsync(RedisServerProcess redis, string section, Regex number) =>
        int.Parse(number.Match(await RedisCli.RunAsync(redis.Port, "INFO", section)).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("cmdstat_subscribe:calls=([0-9]+)")]
    private static partial Regex SubscribeCalls();

    [GeneratedRegex("total_commands_processed:([0-9]+)")]
    private static partial Regex Commands();
}
