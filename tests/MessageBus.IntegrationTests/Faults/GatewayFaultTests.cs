using System.Net.Sockets;
using System.Text.RegularExpressions;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>A gateway or its clients fail; the rest goes on, and who comes back misses nothing without knowing.</summary>
public sealed partial class GatewayFaultTests
{
    private const string Development = "DOTNET_ENVIRONMENT=Development";
    private const string AnyPort = "--urls=http://127.0.0.1:0";

    [Fact]
    public async Task Clients_of_a_gateway_that_is_killed_under_load_go_on_at_another()
    {
        string[] channels = ["load/1", "load/2", "load/3"];
        await using var redis = await RedisServerProcess.StartAsync();
        await using var other = GatewayApp.Start(redis);
        var dying = await GatewayProcess.StartAsync(Development, AnyPort, $"ConnectionStrings__Redis={redis.Endpoint}");
        var address = dying.Bus;
        var atDying = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Witness.StartAsync(() => address, channels)));
        var atOther = await Witness.StartAsync(() => other.Bus, channels);
        await using var publisher = new StampedPublisher(redis.Port, TimeSpan.FromMilliseconds(5), channels);
        await Task.WhenAll(atDying.Select(witness => witness.HasHeardAsync("load/3", 10)));

        address = other.Bus;
        await dying.KillAsync();
        await Task.WhenAll(atDying.Select(witness => Eventually.TrueAsync(() => witness.Connections is 2, "the client is back, at the other gateway")));

        // The last number may have been on its way before the last of them was subscribed; what begins now is for everybody.
        var next = publisher.Next;
        await Task.WhenAll(atDying.Append(atOther).SelectMany(witness => channels.Select(channel => witness.HasHeardAsync(channel, next))));
        var last = await publisher.StopAsync();

        foreach (var witness in atDying.Append(atOther))
        {
            foreach (var channel in channels)
            {
                await witness.HasHeardAsync(channel, last);
            }

            witness.HasSeenNoWrong();
        }

        Assert.Equal(1, atOther.Connections);
        await Task.WhenAll(atDying.Append(atOther).Select(witness => witness.DisposeAsync().AsTask()));
        await dying.DisposeAsync();
    }

    [Fact]
    public async Task A_gateway_without_a_file_descriptor_left_serves_those_it_has_and_takes_new_ones_again_later()
    {
        const int Files = 400;
        await using var gateway = await GatewayProcess.StartWithFilesAsync(Files, Development, AnyPort, $"MessageBus__EmbeddedPort={FreePort.Next()}");
        await using var early = await BusClient.ConnectAsync(gateway.Bus, "files");
        var crowd = new List<TcpClient>();
        for (var n = 0; n < Files; n++)
        {
            crowd.Add(new TcpClient(gateway.Bus.Host, gateway.Bus.Port));
        }

        await early.PublishAsync("files/elsewhere", "nobody listens");
        await early.SendAsync(new { type = "publish", channel = "files", payload = "still served" });
        var heard = await early.ExpectTextAsync("files");
        crowd.ForEach(one => one.Dispose());
        await using var late = await BusClient.ConnectAsync(gateway.Bus, "files");
        await late.PublishAsync("files/elsewhere", "nobody listens");

        Assert.Equal("still served", heard);
    }

    [Fact]
    public async Task Clients_that_are_all_cut_off_at_once_come_back_and_Redis_hardly_notices()
    {
        const int Channels = 50;
        var names = Enumerable.Range(0, Channels).Select(n => $"herd/{n}").ToArray();
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(
            Development, AnyPort, $"ConnectionStrings__Redis={redis.Endpoint}", "MessageBus__SubscriptionLinger=00:01:00");
        var clients = new List<Witness>();
        for (var n = 0; n < FaultScale.Of(500, 9_000); n++)
        {
            clients.Add(await Witness.StartAsync(() => gateway.Bus, names[n % Channels]));
        }

        var before = await SubscribesAsync(redis);
        clients.ForEach(client => client.CutOff());
        foreach (var client in clients)
        {
            await Eventually.TrueAsync(() => client.Connections is 2, "the client is back");
        }

        var after = await SubscribesAsync(redis);
        using var backend = new RespConnection(redis.Port);
        await backend.PublishAsync(names.Select(name => (name, "0"u8.ToArray())));
        for (var n = 0; n < clients.Count; n++)
        {
            await clients[n].HasHeardAsync(names[n % Channels], 0);
            clients[n].HasSeenNoWrong();
        }

        Assert.Equal(before, after);
        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Tens_of_thousands_of_channels_are_subscribed_again_and_no_client_is_taken_for_dead_meanwhile()
    {
        const int Clients = 10;
        var perClient = FaultScale.Of(2_000, 5_000);
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(
            redis, ("MessageBus:MaxSubscriptionsPerConnection", "5000"), ("MessageBus:MaxMessageBytes", "1048576"), ("MessageBus:PingInterval", "00:00:01"));
        var clients = new List<Witness>();
        for (var client = 0; client < Clients; client++)
        {
            clients.Add(await Witness.StartAsync(() => gateway.Bus, [.. Enumerable.Range(0, perClient).Select(n => $"many/{clients.Count}/{n}")]));
        }

        await RedisCli.RunAsync(redis.Port, "CLIENT", "KILL", "TYPE", "pubsub");
        await Task.WhenAll(clients.Select(client => client.WasToldAsync("gap broker_reconnected")));
        await Eventually.TrueAsync(
            async () => (await RedisCli.RunAsync(redis.Port, "PUBSUB", "CHANNELS", "many/*")).Split('\n').Length == Clients * perClient, "all channels are subscribed again");
        using var backend = new RespConnection(redis.Port);
        await backend.PublishAsync(Enumerable.Range(0, Clients).Select(client => ($"many/{client}/{perClient - 1}", "0"u8.ToArray())));

        for (var client = 0; client < Clients; client++)
        {
            await clients[client].HasHeardAsync($"many/{client}/{perClient - 1}", 0);
            Assert.Equal(1, clients[client].Connections);
        }

        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task From_its_acknowledgement_on_a_subscription_misses_nothing_of_a_publisher_that_does_not_pause()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis, ("MessageBus:SubscriptionLinger", "00:00:00"));
        await using var client = await BusClient.ConnectAsync(gateway.Bus);

        for (var round = 0; round < FaultScale.Of(50, 1_000); round++)
        {
            // A channel that the gateway is not subscribed to yet, and that is being published on.
            var channel = $"late/{round}";
            await using var publisher = new StampedPublisher(redis.Port, TimeSpan.FromMilliseconds(1), channel);
            await Eventually.TrueAsync(() => publisher.Next > 2, "the publisher is under way");
            await client.SubscribeAsync(channel);
            var next = publisher.Next;
            var first = int.Parse(await client.ExpectTextAsync(channel), System.Globalization.CultureInfo.InvariantCulture);
            var last = await publisher.StopAsync();

            Assert.InRange(first, 0, next);
            for (var n = first + 1; n <= last; n++)
            {
                Assert.Equal($"{n}", await client.ExpectTextAsync(channel));
            }

            await client.SendAsync(new { type = "unsubscribe", channel });
            await client.ExpectAsync("unsubscribed");
        }
    }

    private static async Task<string> SubscribesAsync(RedisServerProcess redis) =>
        SubscribeCalls().Match(await RedisCli.RunAsync(redis.Port, "INFO", "commandstats")).Groups["calls"].Value;

    [GeneratedRegex("cmdstat_subscribe:calls=(?<calls>[0-9]+)")]
    private static partial Regex SubscribeCalls();
}
