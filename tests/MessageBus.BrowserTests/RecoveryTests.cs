using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;
using static Microsoft.Playwright.Assertions;

namespace MessageBus.BrowserTests;

/// <summary>What breaks behind a page is told to it and heals without it.</summary>
[Collection(Chromium.Client)]
public sealed class RecoveryTests(Chromium chromium)
{
    [Fact]
    public async Task Page_shows_the_loss_of_redis_and_its_return_and_hears_messages_again()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var playground = await chromium.OpenPlaygroundAsync(gateway.Http);

        await redis.KillAsync();
        await Expect(playground.BrokerState).ToHaveTextAsync("Down");
        await Expect(playground.State).ToHaveTextAsync("Connected");
        await playground.TryPublishAsync("demo/hello", "to nobody");
        await Expect(playground.PublishResult).ToContainTextAsync("unavailable");
        await redis.RestartAsync();
        await Expect(playground.BrokerState).ToHaveTextAsync("Up");
        await Expect(playground.Notices.Filter(new() { HasText = "may have been missed" })).ToHaveTextAsync(
            "Messages may have been missed on all channels (broker reconnected)");
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "demo/hello", "here again");

        await playground.ExpectNewestAsync("demo/hello", "here again");
        await playground.PublishAsync("demo/hello", "so am I");
        await Expect(playground.Payloads).ToHaveTextAsync(["so am I", "here again"]);
        Assert.Empty(playground.Complaints);
    }

    [Fact]
    public async Task Page_comes_back_by_itself_to_a_gateway_that_was_killed_and_started_again()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var first = await GatewayProcess.StartAsync("http://127.0.0.1:0", ("ConnectionStrings__Redis", redis.Endpoint));
        await using var playground = await chromium.OpenPlaygroundAsync(first.Page);
        // The back-off is random and may grow to 30 s. With this chance it is never over 1.5 s.
        await (await chromium.NewToolsAsync()).RunInWorkerAsync(first.Page, "Math.random = () => 0.05");
        await playground.SubscribeAsync("orders/42");
        await first.KillAsync();
        await Expect(playground.State).Not.ToHaveTextAsync("Connected");
        await Expect(playground.ChannelRow("orders/42")).ToHaveAttributeAsync("data-live", "false");

        await using var second = await GatewayProcess.StartAsync(first.Page.AbsoluteUri, ("ConnectionStrings__Redis", redis.Endpoint));
        await playground.ExpectLiveAsync("orders/42");
        await playground.ExpectLiveAsync("demo/hello");
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "orders/42", "here again");

        await playground.ExpectNewestAsync("orders/42", "here again");
        await Expect(playground.State).ToHaveTextAsync("Connected");
        // In one notice, or where the gateway is slow to confirm in two.
        var reconnected = playground.Notices.Filter(new() { HasText = "(reconnected)" });
        await Expect(reconnected.Filter(new() { HasText = "demo/hello" })).ToHaveCountAsync(1);
        await Expect(reconnected.Filter(new() { HasText = "orders/42" })).ToHaveCountAsync(1);
    }
}
