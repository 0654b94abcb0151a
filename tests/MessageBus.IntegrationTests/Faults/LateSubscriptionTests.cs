using System.Diagnostics;
using System.Globalization;
using MessageBus.IntegrationTests.Hostile;
using MessageBus.IntegrationTests.Support;
using Xunit.Abstractions;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>Clients subscribe to channels that are published on a thousand times a second.</summary>
[Collection(nameof(HeavyLoad))]
[Trait("Sockets", "Either")]
public sealed class LateSubscriptionTests(ITestOutputHelper output)
{
    private const int Clients = 20;
    private const int RoundsPerClient = 50;

    // Those of a start and an end, and of a fault of the machine's: not one for each subscription.
    private const int LinesAtMost = 20;

    // What each of them hears at least: a fiftieth of a second.
    private const int Heard = 20;

    [Fact]
    public async Task From_its_acknowledgement_on_each_of_a_thousand_misses_nothing_and_gets_nothing_twice()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(
            Footprint.SmallNursery, "DOTNET_ENVIRONMENT=Development", "--urls=http://127.0.0.1:0", $"ConnectionStrings__Redis={redis.Endpoint}");
        gateway.ReadOn();
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => BusClient.ConnectAsync(gateway.Bus)));
        var before = Footprint.Of(gateway);
        var taking = new Stopwatch();
        var published = 0;

        for (var round = 0; round < RoundsPerClient; round++)
        {
            // Channels that the gateway is not subscribed to yet, and that are being published on.
            var channels = Enumerable.Range(0, Clients).Select(client => $"late/{client}/{round}").ToArray();
            taking.Start();
            await using var publisher = new StampedPublisher(redis.Port, TimeSpan.FromMilliseconds(1), channels);
            var next = await Task.WhenAll(clients.Select((client, index) => HearAsync(client, channels[index], publisher, after: index)));
            var last = await publisher.StopAsync();
            taking.Stop();
            published += last + 1;
            await Task.WhenAll(clients.Select((client, index) => HearTheRestAsync(client, channels[index], next[index], last)));
        }

        var rate = published / taking.Elapsed.TotalSeconds;
        output.WriteLine($"{rate:0} publications a second on each channel.");
        Assert.True(rate > 500, $"There were only {rate:0} publications a second on each channel: this machine is too busy for the test.");
        await before.ReturnsAsync(gateway);
        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.InRange(gateway.Lines.Count, 1, LinesAtMost);
    }

    /// <summary>Subscribes and hears some. Returns the number that has to come next.</summary>
    private static async Task<int> HearAsync(BusClient client, string channel, StampedPublisher publisher, int after)
    {
        await Eventually.TrueAsync(() => publisher.Next > after, "the publisher is under way");
        await client.SubscribeAsync(channel);
        var latest = publisher.Next;
        var first = await NumberAsync(client, channel);
        Assert.InRange(first, 0, latest);
        return await HearTheRestAsync(client, channel, first + 1, latest + Heard);
    }

    private static async Task<int> HearTheRestAsync(BusClient client, string channel, int next, int last)
    {
        for (; next <= last; next++)
        {
            Assert.Equal(next, await NumberAsync(client, channel));
        }

        return next;
    }

    private static async Task<int> NumberAsync(BusClient client, string channel) => int.Parse(await client.ExpectTextAsync(channel), CultureInfo.InvariantCulture);
}
