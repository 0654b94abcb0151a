using System.Net;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Hostile;

/// <summary>Where the process can be reached at all, as the kernel says it.</summary>
public sealed class ListenerTests
{
    [Fact]
    public async Task Without_Redis_only_the_given_addresses_and_the_embedded_broker_on_loopback_are_open()
    {
        await using var gateway = await GatewayProcess.StartAsync("DOTNET_ENVIRONMENT=Development", "--urls=http://0.0.0.0:0;https://127.0.0.1:0", $"MessageBus__EmbeddedPort={FreePort.Next()}");
        var hint = await gateway.ReadLineWithAsync("redis-cli -p ");
        var embedded = int.Parse(hint.Split("redis-cli -p ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

        var expected = new[]
        {
            new IPEndPoint(IPAddress.Any, gateway.Addresses.Single(address => address.Scheme is "http").Port),
            new IPEndPoint(IPAddress.Loopback, gateway.Addresses.Single(address => address.Scheme is "https").Port),
            new IPEndPoint(IPAddress.Loopback, embedded),
        };
        Assert.Equal(expected.Select(one => $"{one}").Order(StringComparer.Ordinal), ProcessFacts.Listeners(gateway.ProcessId).Select(one => $"{one}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task With_Redis_there_is_no_embedded_broker()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = await SeparateGateway.StartAsync($"ConnectionStrings__Redis={redis.Endpoint}");

        Assert.Equal([$"127.0.0.1:{gateway.Addresses[0].Port}"], ProcessFacts.Listeners(gateway.ProcessId).Select(one => $"{one}"));
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("*", "::")]
    public async Task Metrics_are_on_the_one_port_more_that_was_asked_for(string address, string listens)
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = await SeparateGateway.StartAsync($"ConnectionStrings__Redis={redis.Endpoint}", "MessageBus__MetricsPort=0", $"MessageBus__MetricsAddress={address}");
        await GoodClient.IsServedAtAsync(gateway.Bus);

        var expected = new[] { new IPEndPoint(IPAddress.Loopback, gateway.Addresses[0].Port), new IPEndPoint(IPAddress.Parse(listens), gateway.Metrics.Port) };
        Assert.Equal(expected.Select(one => $"{one}").Order(StringComparer.Ordinal), ProcessFacts.Listeners(gateway.ProcessId).Select(one => $"{one}").Order(StringComparer.Ordinal));
    }
}
