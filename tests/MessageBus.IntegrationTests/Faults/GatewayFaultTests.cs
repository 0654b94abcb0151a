using System.Net.Sockets;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>A gateway or its clients fail; the rest goes on, and who comes back misses nothing without knowing.</summary>
public sealed class GatewayFaultTests
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
        var early = await BusClient.ConnectAsync(gateway.Bus, "files");
        var before = ProcessFacts.OpenSockets(gateway.ProcessId);
        var crowd = new List<TcpClient>();
        for (var n = 0; n < Files; n++)
        {
            crowd.Add(new TcpClient(gateway.Bus.Host, gateway.Bus.Port));
        }

        await early.PublishAsync("files/elsewhere", "nobody listens");
        await early.SendAsync(new { type = "publish", channel = "files", payload = "still served" });
        var heard = await early.ExpectTextAsync("files");
        crowd.ForEach(one => one.Dispose());
        var late = await BusClient.ConnectAsync(gateway.Bus, "files");
        await late.PublishAsync("files/elsewhere", "nobody listens");

        Assert.Equal("still served", heard);
        await Eventually.TrueAsync(() => ProcessFacts.OpenSockets(gateway.ProcessId) <= before + 8, "the sockets of the crowd are given back");
        await late.DisposeAsync();
        await early.DisposeAsync();
        Assert.Equal(0, await gateway.TerminateAsync());

        // Kestrel's own sockets say nothing of it.
        var lines = Environment.GetEnvironmentVariable("MessageBus__OwnSockets") is "false" ? 0 : 1;
        Assert.Equal(lines, gateway.Lines.Count(line => line.Contains(" WRN Accepting connections ", StringComparison.Ordinal)));
    }
}
