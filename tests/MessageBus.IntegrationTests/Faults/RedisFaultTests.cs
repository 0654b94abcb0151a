using System.Text;
using MessageBus.IntegrationTests.Support;
using MessageBus.IntegrationTests.Telemetry;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>Redis fails in every way that it can; two gateways, a publisher that goes on, and clients that judge what they get.</summary>
[Trait("Sockets", "Either")]
public sealed class RedisFaultTests
{
    [Fact]
    public async Task A_link_that_publishes_but_brings_no_deliveries_is_noticed_and_replaced()
    {
        await using var bus = await FaultedBus.StartAsync();
        await using var writer = await BusClient.ConnectAsync(bus.Addresses[0]);
        var links = bus.Proxy.Accepted;

        bus.Proxy.SwallowDeliveries();
        await writer.PublishAsync("fault/elsewhere", "publishing works while nobody has noticed anything");

        await bus.HealsAsync();
        Assert.True(bus.Proxy.Accepted > links, "No link was opened anew.");
        await bus.EndsWellAsync();
    }

    [Fact]
    public async Task A_subscription_that_falls_too_far_behind_is_cut_by_Redis_and_the_gap_is_told()
    {
        await using var redis = await RedisServerProcess.StartAsync("--client-output-buffer-limit", "pubsub 1mb 0 0");
        await using var gateway = await GatewayProcess.StartAsync(
            "DOTNET_ENVIRONMENT=Development", "--urls=http://127.0.0.1:0", $"ConnectionStrings__Redis={redis.Endpoint}", "MessageBus__Limits__MaxBacklogBytes=268435456");
        await using var healthy = GatewayApp.Start(redis);
        await using var behind = await Witness.StartAsync(() => gateway.Bus, "buffer");
        await using var other = await Witness.StartAsync(() => healthy.Bus, "buffer");
        using var backend = new RespConnection(redis.Port);
        var next = 0;

        // Until the kernel's buffers and Redis' limit are full, while the one gateway takes nothing. The other one has taken each few before the next.
        gateway.Freeze();
        while (!(await RedisCli.RunAsync(redis.Port, "PUBSUB", "NUMSUB", "buffer")).EndsWith("\n1", StringComparison.Ordinal))
        {
            await PublishLargeAsync(10);
            await other.HasHeardAsync("buffer", next - 1);
        }

        gateway.Thaw();
        await behind.WasToldAsync("gap broker_reconnected");
        await PublishLargeAsync(10);
        await behind.HasHeardAsync("buffer", next - 1);
        await other.HasHeardAsync("buffer", next - 1);

        behind.HasSeenNoWrong();
        Assert.Equal(Witness.ToldOfALoss, behind.Told);
        other.HasSeenNoWrong();
        Assert.Empty(other.Told);
        Assert.Equal((1, 1), (behind.Connections, other.Connections));

        // A number in a lot of room.
        Task PublishLargeAsync(int count) =>
            backend.PublishAsync(Enumerable.Range(0, count).Select(_ => ("buffer", Encoding.ASCII.GetBytes($"{next++}".PadLeft(60_000)))));
    }

    [Fact]
    public async Task Publications_far_too_large_become_gaps_and_leave_no_memory_behind()
    {
        const int Large = 5 * 1024 * 1024;
        const int Huge = 33 * 1024 * 1024;
        await using var redis = await RedisServerProcess.StartAsync("--client-output-buffer-limit", "pubsub 0 0 0");

        // Less than all of them together, so that one that kept them would have to give up.
        await using var gateway = await GatewayProcess.StartAsync(
            "DOTNET_ENVIRONMENT=Development", "--urls=http://127.0.0.1:0", $"ConnectionStrings__Redis={redis.Endpoint}", "DOTNET_GCHeapHardLimit=0x10000000");
        await using var client = await BusClient.ConnectAsync(gateway.Bus, "large", "small");
        using var backend = new RespConnection(redis.Port);

        foreach (var size in (int[])[Large, .. Enumerable.Repeat(Huge, 10), Large])
        {
            await backend.PublishAsync([("large", new byte[size]), ("small", "still served"u8.ToArray())]);
            var gap = await client.ExpectAsync("gap");
            Assert.Equal(("large", "too_large"), (gap.GetProperty("channel").GetString(), gap.GetProperty("reason").GetString()));
            Assert.Equal("still served", await client.ExpectTextAsync("small"));
        }

        var scrape = await Scrape.OfAsync(new Uri(gateway.Addresses[0], "/metrics"));
        Assert.Equal(12, scrape["messagebus_publications_undeliverable_total"]);
        Assert.Equal(12, scrape["messagebus_gaps_total{reason=\"too_large\"}"]);
    }
}
