using System.Diagnostics;
using MessageBus.IntegrationTests.Support;
using MessageBus.IntegrationTests.Telemetry;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>Redis fails in every way that it can; two gateways, a publisher that goes on, and clients that judge what they get.</summary>
public sealed class RedisFaultTests
{
    private static readonly string[] Told = ["status down", "status up", "gap broker_reconnected"];

    [Theory]
    [InlineData(0.5)]
    [InlineData(5)]
    public async Task Killed_and_started_again(double seconds)
    {
        await using var bus = await FaultedBus.StartAsync();

        await bus.Redis.KillAsync();
        await bus.NoneIsReadyAsync(within: TimeSpan.FromSeconds(2));
        await Task.Delay(TimeSpan.FromSeconds(FaultScale.Of(seconds / 5, seconds)));
        await bus.Redis.RestartAsync();
        var back = Stopwatch.StartNew();
        await bus.EverythingIsSubscribedAsync();
        FaultScale.InTime(back, TimeSpan.FromSeconds(3), "every channel was subscribed again");

        await bus.HealsAsync(Told);
        await bus.EndsWellAsync();
    }

    [Fact]
    public async Task Frozen_with_its_connections_open_and_thawed()
    {
        await using var bus = await FaultedBus.StartAsync();

        bus.Redis.Freeze();
        var frozen = Stopwatch.StartNew();
        await bus.EverybodyIsToldAsync("status down");
        await bus.NoneIsReadyAsync(within: TimeSpan.FromSeconds(10));
        await Task.Delay(TimeSpan.FromSeconds(Math.Max(0, FaultScale.Of(2, 15) - frozen.Elapsed.TotalSeconds)));
        bus.Redis.Thaw();

        await bus.HealsAsync(Told);
        await bus.EndsWellAsync();
    }

    [Fact]
    public async Task Asleep_in_a_command()
    {
        await using var bus = await FaultedBus.StartAsync("--enable-debug-command", "yes");

        await RedisCli.RunAsync(bus.Redis.Port, "DEBUG", "SLEEP", FaultScale.Of("3", "10"));

        // Whether it was ready meanwhile, a test that is kept from looking could not say.
        await bus.HealsAsync(Told);
        await bus.EndsWellAsync();
    }

    [Fact]
    public async Task Links_that_are_half_open_are_noticed_and_replaced()
    {
        await using var bus = await FaultedBus.StartAsync();

        bus.Proxy.Swallow();
        var silent = Stopwatch.StartNew();
        await bus.EverybodyIsToldAsync("status down");
        FaultScale.InTime(silent, TimeSpan.FromSeconds(10), "it was noticed");

        await bus.HealsAsync(Told);
        await bus.EndsWellAsync();
    }

    [Fact]
    public async Task A_link_that_publishes_but_brings_no_deliveries_is_noticed_and_replaced()
    {
        // Long enough for a publication while nobody has noticed anything.
        await using var bus = await FaultedBus.StartAsync(canaryInterval: TimeSpan.FromSeconds(2));
        await using var writer = await BusClient.ConnectAsync(bus.Addresses[0]);
        var links = bus.Proxy.Accepted;

        bus.Proxy.SwallowDeliveries();
        await writer.PublishAsync("fault/elsewhere", "publishing works");

        await bus.HealsAsync(Told);
        Assert.True(bus.Proxy.Accepted > links, "No link was opened anew.");
        await bus.EndsWellAsync();
    }

    [Fact]
    public async Task Subscribers_that_are_killed_again_and_again_end_with_every_channel_subscribed()
    {
        await using var bus = await FaultedBus.StartAsync();

        for (var round = 0; round < FaultScale.Of(10, 150); round++)
        {
            await RedisCli.RunAsync(bus.Redis.Port, "CLIENT", "KILL", "TYPE", "pubsub");
            await Task.Delay(TimeSpan.FromMilliseconds(200));
        }

        await bus.HealsAsync(["status down", "gap broker_reconnected"]);
        await bus.EndsWellAsync();
    }

    [Fact]
    public async Task A_subscription_that_falls_too_far_behind_is_cut_by_Redis_and_the_gap_is_told()
    {
        await using var redis = await RedisServerProcess.StartAsync("--client-output-buffer-limit", "pubsub 1mb 0 0");
        await using var gateway = await GatewayProcess.StartAsync(
            "DOTNET_ENVIRONMENT=Development", "--urls=http://127.0.0.1:0", $"ConnectionStrings__Redis={redis.Endpoint}", "MessageBus__CanaryInterval=00:00:00.5",
            "MessageBus__MaxBacklogBytes=268435456");
        await using var client = await BusClient.ConnectAsync(gateway.Bus, "buffer");
        using var backend = new RespConnection(redis.Port);

        // More than the kernel's buffers and Redis' limit hold, while the gateway takes nothing.
        gateway.Freeze();
        await backend.PublishAsync(Enumerable.Repeat(("buffer", Enumerable.Repeat((byte)'x', 60 * 1024).ToArray()), 1000));
        await Eventually.TrueAsync(
            async () => (await RedisCli.RunAsync(redis.Port, "PUBSUB", "NUMSUB", "buffer")).EndsWith("\n0", StringComparison.Ordinal), "Redis cuts the subscription");
        gateway.Thaw();

        var told = new List<string>();
        while (told.Count < 3)
        {
            var message = await client.NextAsync();
            if (message.GetProperty("type").GetString() is not "message")
            {
                told.Add(message.ToString());
            }
        }

        Assert.Equal(
            ["""{"type":"status","broker":"down"}""", """{"type":"status","broker":"up"}""", """{"type":"gap","reason":"broker_reconnected"}"""], told);
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
