using System.Text;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Delivery;

/// <summary>What MessageBus is for: a PUBLISH reaches browsers, and what a browser publishes reaches everybody.</summary>
public sealed class MainJobTests
{
    [Fact]
    public async Task A_publish_on_Redis_reaches_a_client_and_a_clients_publish_reaches_redis_cli()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var client = await BusClient.ConnectAsync(gateway.Bus, "orders/42");
        await using var subscriber = await RedisCli.SubscribeAsync(redis.Port, "orders/43");

        var receivers = await RedisCli.RunAsync(redis.Port, "PUBLISH", "orders/42", "hello");
        await client.SendAsync(new { type = "publish", channel = "orders/43", payload = "from the browser" });

        Assert.Equal("1", receivers);
        Assert.Equal("hello", Encoding.UTF8.GetString(await client.ExpectPayloadAsync("orders/42")));
        Assert.Equal(["message", "orders/43", "from the browser"], await subscriber.ReadLinesAsync(3));
    }
}
