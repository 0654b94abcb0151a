using System.Net;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Delivery;

/// <summary>Redis lives, but a connection to it is cut: no loss without a gap, and back by itself.</summary>
[Trait("Sockets", "Either")]
public sealed class CutLinkTests
{
    [Theory]
    [InlineData("messagebus-subscribe", "P")]
    [InlineData("messagebus-publish", "N")]
    public async Task A_connection_that_is_cut_comes_back_and_the_gap_is_told(string name, string flags)
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var client = await BusClient.ConnectAsync(gateway.Bus, "cut");

        for (var round = 0; round < 3; round++)
        {
            Assert.Equal("1", await RedisCli.RunAsync(redis.Port, "CLIENT", "KILL", "ID", await IdOfAsync(redis, name, flags)));

            Assert.Equal("down", (await client.ExpectAsync("status")).GetProperty("broker").GetString());
            Assert.Equal("up", (await client.ExpectAsync("status")).GetProperty("broker").GetString());
            Assert.Equal("broker_reconnected", (await client.ExpectAsync("gap")).GetProperty("reason").GetString());
            await Eventually.TrueAsync(async () => await gateway.StatusOfAsync("/health/ready") is HttpStatusCode.OK, "the gateway is ready again");
            await RedisCli.RunAsync(redis.Port, "PUBLISH", "cut", $"after {round}");
            Assert.Equal($"after {round}", await client.ExpectTextAsync("cut"));
        }
    }

    [Fact]
    public async Task Nothing_of_the_gateways_own_stays_subscribed_after_an_outage()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var client = await BusClient.ConnectAsync(gateway.Bus, "own");

        for (var round = 0; round < 3; round++)
        {
            await redis.KillAsync();
            await client.ExpectAsync("status");
            await redis.RestartAsync();
            await client.ExpectAsync("status");
            await client.ExpectAsync("gap");
        }

        await Eventually.TrueAsync(
            async () => (await RedisCli.RunAsync(redis.Port, "PUBSUB", "CHANNELS", "mb:link:*")).Split('\n').Length is 1, "only the probe of the last pair is left");
    }

    /// <summary>The id of the gateway's connection with this name that subscribes (flags P) or does not (flags N).</summary>
    private static async Task<string> IdOfAsync(RedisServerProcess redis, string name, string flags)
    {
        string? line = null;
        await Eventually.TrueAsync(
            async () =>
            {
                var clients = await RedisCli.RunAsync(redis.Port, "CLIENT", "LIST");
                line = clients.Split('\n').FirstOrDefault(client =>
                    client.Contains($" name={name} ", StringComparison.Ordinal) && client.Contains($" flags={flags} ", StringComparison.Ordinal));
                return line is not null;
            },
            $"Redis has a connection {name} with flags {flags}");
        return line!.Split(' ')[0]["id=".Length..];
    }
}
