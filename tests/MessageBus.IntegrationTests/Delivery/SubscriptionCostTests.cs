using System.Diagnostics;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Delivery;

/// <summary>What the subscriptions of browsers cost Redis.</summary>
public sealed class SubscriptionCostTests
{
    [Fact]
    public async Task A_thousand_subscribers_cost_one_subscription_which_ends_after_the_linger()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis, ("MessageBus:Delivery:SubscriptionLinger", "00:00:02"));
        var clients = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => BusClient.ConnectAsync(gateway.Bus, "shared")));

        var whileSubscribed = await NumSubAsync(redis, "shared");
        var listed = (await gateway.GetJsonAsync("/api/channels"))[0];
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "shared", "to all");
        await Task.WhenAll(clients.Select(client => client.ExpectPayloadAsync("shared")));
        await Task.WhenAll(clients[1..].Select(client => client.DisposeAsync().AsTask()));
        var lingering = Stopwatch.StartNew();
        await clients[0].DisposeAsync();
        await Eventually.TrueAsync(async () => await NumSubAsync(redis, "shared") is "0", "the subscription at Redis ends after the linger");

        // A busy machine makes it longer, never shorter.
        Assert.True(lingering.Elapsed > TimeSpan.FromSeconds(2), $"The subscription at Redis has ended after {lingering.Elapsed} already.");
        Assert.Equal("1", whileSubscribed);
        Assert.Equal(1000, listed.GetProperty("subscribers").GetInt32());
    }

    [Fact]
    public async Task A_client_that_returns_within_the_linger_finds_the_subscription_still_there()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis, ("MessageBus:Delivery:SubscriptionLinger", "00:01:00"));
        await using (var first = await BusClient.ConnectAsync(gateway.Bus, "kept"))
        {
            await first.CloseAsync();
        }

        await using var monitor = RedisCli.Start(redis.Port, "MONITOR");
        Assert.Equal("OK", await monitor.ReadLineAsync());
        await using var second = await BusClient.ConnectAsync(gateway.Bus, "kept");
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "kept", "still here");

        Assert.Equal("still here", await second.ExpectTextAsync("kept"));
        string line;
        do
        {
            line = await monitor.ReadLineAsync();
            Assert.DoesNotContain("SUBSCRIBE", line, StringComparison.OrdinalIgnoreCase);
        }
        while (!line.Contains("PUBLISH", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Nothing_of_a_channel_comes_after_its_end_was_acknowledged()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var client = await BusClient.ConnectAsync(gateway.Bus, "ends");
        await using var other = await BusClient.ConnectAsync(gateway.Bus, "ends");
        using var backend = new RespConnection(redis.Port);
        using var publishing = new CancellationTokenSource();
        var publisher = Task.Run(async () =>
        {
            while (!publishing.IsCancellationRequested)
            {
                await backend.PublishAsync("ends", "x"u8.ToArray());
            }
        });

        for (var round = 0; round < 50; round++)
        {
            await client.ExpectAsync("message");
            await client.SendAsync(new { type = "unsubscribe", id = 1, channel = "ends" });
            while ((await client.NextAsync()).GetProperty("type").GetString() is not "unsubscribed")
            {
            }

            await other.ExpectAsync("message");
            await client.SendAsync(new { type = "subscribe", id = 2, channel = "ends" });
            await client.ExpectAsync("subscribed");
        }

        await publishing.CancelAsync();
        await publisher;
    }

    private static async Task<string> NumSubAsync(RedisServerProcess redis, string channel) =>
        (await RedisCli.RunAsync(redis.Port, "PUBSUB", "NUMSUB", channel)).Split('\n')[1];
}
