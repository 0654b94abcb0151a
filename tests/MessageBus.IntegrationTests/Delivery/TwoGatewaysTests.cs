using System.Globalization;
using System.Text;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Delivery;

/// <summary>Several gateways on one Redis are one bus.</summary>
public sealed class TwoGatewaysTests
{
    // A limit on what may wait for a client is not what is tested here: on a busy machine the readers may fall behind by more.
    private static readonly (string, string) RoomForAll = ("MessageBus:Limits:MaxBacklogBytes", "268435456");

    [Fact]
    public async Task A_browser_on_one_gateway_hears_a_browser_on_the_other_and_a_backend()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gatewayA = GatewayApp.Start(redis);
        await using var gatewayB = GatewayApp.Start(redis);
        await using var onA = await BusClient.ConnectAsync(gatewayA.Bus, "chat/1");
        await using var onB = await BusClient.ConnectAsync(gatewayB.Bus);

        await onB.PublishAsync("chat/1", "from B");
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "chat/1", "from a backend");

        Assert.Equal("from B", await onA.ExpectTextAsync("chat/1"));
        Assert.Equal("from a backend", await onA.ExpectTextAsync("chat/1"));
    }

    [Fact]
    public async Task A_hundred_thousand_messages_on_one_channel_arrive_once_and_in_order_on_both()
    {
        const int Count = 100_000;
        await using var redis = await RedisServerProcess.StartAsync("--client-output-buffer-limit", "pubsub 0 0 0");
        await using var gatewayA = GatewayApp.Start(redis, RoomForAll);
        await using var gatewayB = GatewayApp.Start(redis, RoomForAll);
        await using var onA = await BusClient.ConnectAsync(gatewayA.Bus, "load/one");
        await using var onB = await BusClient.ConnectAsync(gatewayB.Bus, "load/one");
        using var backend = new RespConnection(redis.Port);

        await backend.PublishAsync(Enumerable.Range(0, Count).Select(n => ("load/one", Number(n))));

        foreach (var client in new[] { onA, onB })
        {
            for (var n = 0; n < Count; n++)
            {
                Assert.Equal(n, NumberOf(await client.ExpectPayloadAsync("load/one")));
            }

            Assert.True(client.IsQuiet);
        }
    }

    [Fact]
    public async Task A_hundred_thousand_messages_over_a_thousand_channels_arrive_once_and_in_order_per_channel()
    {
        const int Channels = 1000;
        const int Count = 100_000;
        await using var redis = await RedisServerProcess.StartAsync("--client-output-buffer-limit", "pubsub 0 0 0");
        await using var gatewayA = GatewayApp.Start(redis, RoomForAll, ("MessageBus:Limits:MaxSubscriptionsPerConnection", "1000"));
        await using var gatewayB = GatewayApp.Start(redis, RoomForAll);
        var names = Enumerable.Range(0, Channels).Select(n => $"load/{n}").ToArray();
        await using var onA = await BusClient.ConnectAsync(gatewayA.Bus, names);
        await using var onB = await BusClient.ConnectAsync(gatewayB.Bus, names[..100]);
        using var backend = new RespConnection(redis.Port);

        await backend.PublishAsync(Enumerable.Range(0, Count).Select(n => (names[n % Channels], Number(n))));

        await ExpectAllAsync(onA, names.Length);
        await ExpectAllAsync(onB, 100);

        async Task ExpectAllAsync(BusClient client, int channels)
        {
            var next = Enumerable.Range(0, channels).ToDictionary(n => names[n], n => n);
            for (var received = 0; received < Count / Channels * channels; received++)
            {
                var message = await client.ExpectAsync("message");
                var channel = message.GetProperty("channel").GetString()!;
                Assert.Equal(next[channel], NumberOf(Encoding.UTF8.GetBytes(message.GetProperty("payload").GetString()!)));
                next[channel] += Channels;
            }

            Assert.True(client.IsQuiet);
        }
    }

    [Fact]
    public async Task What_a_browser_publishes_in_a_row_arrives_in_that_row_and_is_answered_in_it()
    {
        const int Count = 5_000;
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gatewayA = GatewayApp.Start(redis, RoomForAll);
        await using var gatewayB = GatewayApp.Start(redis, RoomForAll);
        await using var publisher = await BusClient.ConnectAsync(gatewayA.Bus);
        await using var listener = await BusClient.ConnectAsync(gatewayB.Bus, "row");

        for (var n = 1; n <= Count; n++)
        {
            await publisher.SendAsync(new { type = "publish", id = 1000 + n, channel = "row", payload = n });
        }

        for (var n = 1; n <= Count; n++)
        {
            Assert.Equal(1000 + n, (await publisher.ExpectAsync("published")).GetProperty("id").GetInt32());
            Assert.Equal(n, NumberOf(await listener.ExpectPayloadAsync("row")));
        }
    }

    private static byte[] Number(int n) => Encoding.ASCII.GetBytes(n.ToString(CultureInfo.InvariantCulture));

    private static int NumberOf(byte[] payload) => int.Parse(payload, CultureInfo.InvariantCulture);
}
