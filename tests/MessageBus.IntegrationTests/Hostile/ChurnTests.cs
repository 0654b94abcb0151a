using System.Globalization;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Hostile;

/// <summary>Subscribing and unsubscribing without an end. Redis itself says what is subscribed afterwards.</summary>
[Collection(nameof(HeavyLoad))]
[Trait("Length", "Long")]
public sealed class ChurnTests
{
    private static readonly int Rounds = HeavyLoad.Amount("MESSAGEBUS_CHURN_ROUNDS", everyRun: 10_000);

    [Fact]
    public async Task Three_clients_on_two_gateways_leave_exactly_what_they_said_last()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gatewayA = GatewayApp.Start(redis, ("MessageBus:Delivery:SubscriptionLinger", "00:00:00"));
        await using var gatewayB = GatewayApp.Start(redis, ("MessageBus:Delivery:SubscriptionLinger", "00:00:00"));
        await using var stays = await BusClient.ConnectAsync(gatewayA.Bus);
        await using var leaves = await BusClient.ConnectAsync(gatewayA.Bus);
        await using var remote = await BusClient.ConnectAsync(gatewayB.Bus);

        await Task.WhenAll(ChurnAsync(stays, endsSubscribed: true), ChurnAsync(leaves, endsSubscribed: false), ChurnAsync(remote, endsSubscribed: true));

        await Eventually.TrueAsync(async () => await SubscribersAsync(redis) is 2, "each gateway has one subscription at Redis");
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "churn", "after all");
        Assert.Equal("after all", await stays.ExpectTextAsync("churn"));
        Assert.Equal("after all", await remote.ExpectTextAsync("churn"));
        await leaves.PublishAsync("elsewhere", "x");
        Assert.True(leaves.IsQuiet);

        await remote.CloseAsync();
        await Eventually.TrueAsync(async () => await SubscribersAsync(redis) is 1, "the second gateway has given its subscription back");
        await stays.CloseAsync();
        await Eventually.TrueAsync(async () => await SubscribersAsync(redis) is 0, "nothing is left at Redis");
    }

    private static async Task ChurnAsync(BusClient client, bool endsSubscribed)
    {
        var sending = Task.Run(async () =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                await client.SendTextAsync("""{"type":"subscribe","channel":"churn"}""");
                await client.SendTextAsync("""{"type":"unsubscribe","channel":"churn"}""");
            }

            if (endsSubscribed)
            {
                await client.SendTextAsync("""{"type":"subscribe","channel":"churn"}""");
            }
        });
        for (var round = 0; round < Rounds; round++)
        {
            await client.ExpectAsync("subscribed");
            await client.ExpectAsync("unsubscribed");
        }

        if (endsSubscribed)
        {
            await client.ExpectAsync("subscribed");
        }

        await sending;
    }

    private static async Task<int> SubscribersAsync(RedisServerProcess redis) =>
        int.Parse((await RedisCli.RunAsync(redis.Port, "PUBSUB", "NUMSUB", "churn")).Split('\n')[1], CultureInfo.InvariantCulture);
}
