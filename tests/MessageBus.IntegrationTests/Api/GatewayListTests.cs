using System.Text.Json;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Api;

/// <summary>GET /api/gateways: gateways hear of each other over the broker.</summary>
public sealed class GatewayListTests
{
    private static readonly (string, string) Hurried = ("MessageBus:Cluster:ReportInterval", "00:00:00.2");

    [Fact]
    public async Task Two_gateways_list_each_other_with_what_they_have()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gatewayA = GatewayApp.Start(redis, Hurried);
        await using var gatewayB = GatewayApp.Start(redis, Hurried);
        await using var one = await BusClient.ConnectAsync(gatewayB.Bus, "orders/1", "orders/2");
        await using var two = await BusClient.ConnectAsync(gatewayB.Bus, "orders/1");
        await one.SendAsync(new { type = "publish", channel = "orders/1", payload = "hello" });
        await two.ExpectTextAsync("orders/1");

        // On a busy machine one of them may be missing for a moment.
        var (fromA, fromB) = (new List<JsonElement>(), new List<JsonElement>());
        await Eventually.TrueAsync(
            async () => (fromA = await GatewaysAsync(gatewayA)) is [_, var b] && Number(b, "sent") is 1 && Number(b, "deliveries") is 2 && Text(b, "state") is "up", "A has heard how B is");
        await Eventually.TrueAsync(async () => (fromB = await GatewaysAsync(gatewayB)) is [_, var a] && Text(a, "state") is "up", "B has heard of A");

        Assert.Equal("here", Text(fromA[0], "state"));
        Assert.Equal("here", Text(fromB[0], "state"));
        Assert.Equal(Enumerable.Reverse(fromA).Select(gateway => Text(gateway, "id")), fromB.Select(gateway => Text(gateway, "id")));
        Assert.Equal((2, 2, 3, 1), (Number(fromA[1], "connections"), Number(fromA[1], "channels"), Number(fromA[1], "subscriptions"), Number(fromA[1], "received")));
        Assert.Equal((0, 0), (Number(fromA[0], "connections"), Number(fromA[0], "heardSecondsAgo")));
        Assert.Equal(("up", "0.1.0", Environment.MachineName), (Text(fromA[1], "broker"), Text(fromA[1], "version"), Text(fromA[1], "host")));
        Assert.Equal(JsonValueKind.False, fromA[1].GetProperty("draining").ValueKind);
    }

    [Fact]
    public async Task Gateway_that_is_stopped_is_gone_and_one_that_is_killed_or_hangs_is_missing()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var watching = GatewayApp.Start(redis, Hurried);
        await using var stopped = await StartProcessAsync(redis);
        await using var killed = await StartProcessAsync(redis);
        await Eventually.TrueAsync(async () => await StatesAsync(watching) is ["here", "up", "up"], "all know each other");

        Assert.Equal(0, await stopped.TerminateAsync());
        await Eventually.TrueAsync(async () => await StatesAsync(watching) is ["here", "up"], "the stopped one is gone");
        killed.Freeze();
        await Eventually.TrueAsync(async () => await StatesAsync(watching) is ["here", "missing"], "the one that hangs is missing");
        killed.Thaw();
        await Eventually.TrueAsync(async () => await StatesAsync(watching) is ["here", "up"], "it is there again");
        await killed.KillAsync();

        await Eventually.TrueAsync(async () => await StatesAsync(watching) is ["here", "missing"], "the killed one is missing");
    }

    [Fact]
    public async Task While_Redis_is_away_others_are_missing_and_after_its_return_they_are_there()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gatewayA = GatewayApp.Start(redis, Hurried);
        await using var gatewayB = GatewayApp.Start(redis, Hurried);
        await Eventually.TrueAsync(async () => await StatesAsync(gatewayA) is ["here", "up"], "they know each other");

        await redis.KillAsync();
        await Eventually.TrueAsync(
            async () => await GatewaysAsync(gatewayA) is [var here, var other] && Text(here, "broker") is "down" && Text(other, "state") is "missing", "nobody is heard");
        await redis.RestartAsync();

        await Eventually.TrueAsync(
            async () => await GatewaysAsync(gatewayA) is [var here, var other] && Text(here, "broker") is "up" && Text(other, "state") is "up", "they know each other again");
    }

    [Fact]
    public async Task Nonsense_and_invented_gateways_on_the_channel_harm_nobody()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis, Hurried);
        await using var client = await BusClient.ConnectAsync(gateway.Bus, "orders/1");
        string[] nonsense = ["", "nonsense", "[]", "{}", "null", new string('[', 100_000), """{"id":"g-0000000000000001","host":"<img src=x>"}"""];
        using var backend = new RespConnection(redis.Port);

        foreach (var message in nonsense)
        {
            await backend.PublishAsync("mb:gateways", System.Text.Encoding.UTF8.GetBytes(message));
        }

        await backend.PublishAsync(Enumerable.Range(0, 1000).Select(n => ("mb:gateways", Invented(n))));
        await backend.PublishAsync("orders/1", "still here"u8.ToArray());

        Assert.Equal("still here", await client.ExpectTextAsync("orders/1"));
        var listed = await GatewaysAsync(gateway);
        Assert.Equal(257, listed.Count);
        Assert.Equal("here", Text(listed[0], "state"));
    }

    private static byte[] Invented(int n) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        id = $"g-{n:D16}",
        host = "<script>alert(1)</script>",
        version = "1",
        started = DateTimeOffset.UtcNow,
        uptime = 1,
        interval = 3600,
        phase = "running",
        isBrokerUp = true,
        connections = 1,
        channels = 1,
        subscriptions = 1,
        received = 1,
        sent = 1,
        deliveries = 1,
    });

    private static Task<Support.GatewayProcess> StartProcessAsync(RedisServerProcess redis) => Support.GatewayProcess.StartAsync(
        "DOTNET_ENVIRONMENT=Development", "--urls=http://127.0.0.1:0", $"ConnectionStrings__Redis={redis.Endpoint}", "MessageBus__Cluster__ReportInterval=00:00:00.2");

    private static async Task<List<JsonElement>> GatewaysAsync(GatewayApp gateway) => [.. (await gateway.GetJsonAsync("/api/gateways")).EnumerateArray()];

    private static async Task<string[]> StatesAsync(GatewayApp gateway) => [.. (await GatewaysAsync(gateway)).Select(one => Text(one, "state")!)];

    private static string? Text(JsonElement gateway, string name) => gateway.GetProperty(name).GetString();

    private static double Number(JsonElement gateway, string name) => gateway.GetProperty(name).GetDouble();
}
