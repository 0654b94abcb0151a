using System.Text;
using MessageBus.IntegrationTests.Hostile;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>A gateway with very many channels has to subscribe them all anew.</summary>
[Collection(nameof(HeavyLoad))]
[Trait("Sockets", "Either")]
[Trait("Length", "Long")]
public sealed class ManyChannelsTests
{
    private const int Clients = 10;
    private const int PerClient = 5_000;

    [Fact]
    public async Task Fifty_thousand_are_subscribed_again_and_no_client_is_taken_for_dead_meanwhile()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(
            Footprint.SmallNursery, "DOTNET_ENVIRONMENT=Development", "--urls=http://127.0.0.1:0", $"ConnectionStrings__Redis={redis.Endpoint}",
            $"MessageBus__Limits__MaxSubscriptionsPerConnection={PerClient}", "MessageBus__Limits__MaxMessageBytes=1048576", "MessageBus__Limits__PingInterval=00:00:01");
        gateway.ReadOn();
        var channels = Enumerable.Range(0, Clients).Select(client => Enumerable.Range(0, PerClient).Select(n => $"many/{client}/{n}").ToArray()).ToArray();
        var clients = await Task.WhenAll(channels.Select(names => Witness.StartAsync(() => gateway.Bus, names)));
        using var backend = new RespConnection(redis.Port);
        var stamp = -1;
        await HearAsync();
        var before = Footprint.Of(gateway);

        await RedisCli.RunAsync(redis.Port, "CLIENT", "KILL", "TYPE", "pubsub");
        await Task.WhenAll(clients.Select(client => client.WasToldAsync("gap broker_reconnected")));
        await Eventually.TrueAsync(
            async () => (await RedisCli.RunAsync(redis.Port, "PUBSUB", "CHANNELS", "many/*")).Split('\n').Length == Clients * PerClient, "all channels are subscribed again");
        await HearAsync();

        foreach (var client in clients)
        {
            client.HasSeenNoWrong();
            Assert.All(client.Told, what => Assert.Contains(what, Witness.ToldOfALoss));
            Assert.Equal(1, client.Connections);
        }

        await before.ReturnsAsync(gateway);
        var losses = clients[0].Count("status down");
        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.Equal(losses, gateway.Lines.Count(line => line.Contains(" WRN ", StringComparison.Ordinal) && line.Contains("is lost", StringComparison.Ordinal)));

        // Once more where a busy machine loses the link again, and tells so: what is published then may be for nobody.
        async Task HearAsync()
        {
            var isHeard = false;
            while (!isHeard)
            {
                stamp++;
                var gaps = Gaps();
                await backend.PublishAsync(channels.SelectMany(names => names).Select(name => (name, Encoding.ASCII.GetBytes($"{stamp}"))));
                await Eventually.TrueAsync(() => (isHeard = HaveAllHeard(stamp)) || Gaps() > gaps, $"publication {stamp} is heard on each channel");
            }
        }

        int Gaps() => clients.Sum(client => client.Count("gap"));

        bool HaveAllHeard(int number) => clients.Zip(channels).All(one => one.Second.All(name => one.First.LastOf(name) == number));
    }
}
