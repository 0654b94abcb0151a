using System.Text;
using System.Text.Unicode;
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
        Assert.Equal("hello", await client.ExpectTextAsync("orders/42"));
        Assert.Equal(["message", "orders/43", "from the browser"], await subscriber.ReadLinesAsync(3));
    }

    [Theory]
    [InlineData("ws", "1.1")]
    [InlineData("wss", "1.1")]
    [InlineData("wss", "2.0")]
    public async Task Messages_go_both_ways_over_every_transport(string scheme, string httpVersion)
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var client = await BusClient.OpenAsync(
            scheme is "ws" ? gateway.Bus : gateway.SecureBus, Version.Parse(httpVersion), subprotocols: "messagebus.v1.json");
        await client.ConnectAsync("both/ways");
        using var backend = new RespConnection(redis.Port);

        await backend.PublishAsync("both/ways", "from a backend"u8.ToArray());
        var first = await client.ExpectPayloadAsync("both/ways");
        await client.SendAsync(new { type = "publish", channel = "both/ways", payload = "from itself" });
        var second = await client.ExpectPayloadAsync("both/ways");

        Assert.Equal("from a backend"u8, first);
        Assert.Equal("from itself"u8, second);
        Assert.Equal("messagebus.v1.json", client.Subprotocol);
    }

    [Fact]
    public async Task Payloads_arrive_byte_for_byte_in_both_directions()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var client = await BusClient.ConnectAsync(gateway.Bus, "to/browser", "from/browser");
        using var backend = new RespConnection(redis.Port);

        foreach (var payload in Payloads.Awkward)
        {
            await backend.PublishAsync("to/browser", payload);
            var message = await client.ExpectAsync("message");
            Assert.Equal(payload, BusClient.PayloadOf(message));
            Assert.Equal(!Utf8.IsValid(payload), message.TryGetProperty("base64", out _));

            await client.SendAsync(new { type = "publish", channel = "from/browser", base64 = Convert.ToBase64String(payload) });
            Assert.Equal(payload, await client.ExpectPayloadAsync("from/browser"));
        }

        foreach (var text in Payloads.Awkward.Where(payload => Utf8.IsValid(payload)).Select(Encoding.UTF8.GetString))
        {
            await client.SendAsync(new { type = "publish", channel = "from/browser", payload = text });
            Assert.Equal(text, await client.ExpectTextAsync("from/browser"));
        }
    }

    [Fact]
    public async Task What_a_browser_publishes_is_the_same_bytes_for_a_plain_subscriber()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var client = await BusClient.ConnectAsync(gateway.Bus);
        using var subscriber = StackExchange.Redis.ConnectionMultiplexer.Connect(redis.Endpoint);
        var heard = new System.Collections.Concurrent.BlockingCollection<byte[]>();
        var messages = await subscriber.GetSubscriber().SubscribeAsync(StackExchange.Redis.RedisChannel.Literal("raw"));
        messages.OnMessage(message => heard.Add((byte[]?)message.Message ?? []));

        await client.SendTextAsync("""{"type":"publish","id":1,"channel":"raw","payload":"tab\t \"q\" \ud83d\ude00 \u0000"}""");
        await client.SendTextAsync("""{"type":"publish","id":2,"channel":"raw","payload":{ "kept" : [1.0, 2e3] }}""");
        await client.SendTextAsync("""{"type":"publish","id":3,"channel":"raw","base64":"//4AgA=="}""");

        using var limit = new CancellationTokenSource(Eventually.Limit);
        Assert.Equal("tab\t \"q\" 😀 \0", Encoding.UTF8.GetString(heard.Take(limit.Token)));
        Assert.Equal("""{ "kept" : [1.0, 2e3] }""", Encoding.UTF8.GetString(heard.Take(limit.Token)));
        Assert.Equal([0xFF, 0xFE, 0x00, 0x80], heard.Take(limit.Token));
    }

    [Fact]
    public async Task The_embedded_broker_does_the_same_without_Redis()
    {
        await using var gateway = GatewayApp.Start();
        await using var client = await BusClient.ConnectAsync(gateway.Bus, "demo/hello");
        await using var subscriber = await RedisCli.SubscribeAsync(gateway.EmbeddedPort, "demo/world");

        await RedisCli.RunAsync(gateway.EmbeddedPort, "PUBLISH", "demo/hello", "hello");
        await client.SendAsync(new { type = "publish", channel = "demo/world", payload = "world" });

        Assert.Equal("hello", await client.ExpectTextAsync("demo/hello"));
        Assert.Equal(["message", "demo/world", "world"], await subscriber.ReadLinesAsync(3));
    }
}
