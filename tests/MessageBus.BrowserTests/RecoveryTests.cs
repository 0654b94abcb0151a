using System.Diagnostics;
using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;
using static Microsoft.Playwright.Assertions;

namespace MessageBus.BrowserTests;

/// <summary>What breaks behind a page is told to it and heals without it.</summary>
[Collection(Chromium.Collection)]
public sealed class RecoveryTests(Chromium chromium)
{
    [Fact]
    public async Task Page_shows_the_loss_of_redis_and_its_return_and_hears_messages_again()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var console = await chromium.OpenConsoleAsync(gateway.Http);

        await redis.KillAsync();
        await Expect(console.BrokerState).ToHaveTextAsync("Down");
        await Expect(console.State).ToHaveTextAsync("Connected");
        await console.TryPublishAsync("demo/hello", "to nobody");
        await Expect(console.PublishResult).ToContainTextAsync("unavailable");
        await redis.RestartAsync();
        await Expect(console.BrokerState).ToHaveTextAsync("Up");
        await Expect(console.Notices.Filter(new() { HasText = "may have been missed" })).ToHaveTextAsync(
            "Messages may have been missed on all channels (broker reconnected)");
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "demo/hello", "here again");

        await console.ExpectNewestAsync("demo/hello", "here again");
        await console.PublishAsync("demo/hello", "so am I");
        await Expect(console.Payloads).ToHaveTextAsync(["so am I", "here again"]);
        Assert.Empty(console.Complaints);
    }

    [Fact]
    public async Task Page_comes_back_by_itself_to_a_gateway_that_was_killed_and_started_again()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var first = await GatewayProcess.StartAsync("http://127.0.0.1:0", ("ConnectionStrings__Redis", redis.Endpoint));
        await using var console = await chromium.OpenConsoleAsync(first.Page);
        // The back-off is random. Always half of what it may be, the page stays away no longer after the gateway's return than before.
        await console.Page.EvaluateAsync("() => { Math.random = () => 0.5; }");
        await console.SubscribeAsync("orders/42");
        var away = Stopwatch.StartNew();
        await first.KillAsync();
        await Expect(console.State).Not.ToHaveTextAsync("Connected");
        await Expect(console.ChannelRow("orders/42")).ToHaveAttributeAsync("data-live", "false");

        await using var second = await GatewayProcess.StartAsync(first.Page.AbsoluteUri, ("ConnectionStrings__Redis", redis.Endpoint));
        var backWithin = away.Elapsed + TimeSpan.FromSeconds(5);
        var back = Stopwatch.StartNew();
        await console.ExpectLiveAsync("orders/42");
        await console.ExpectLiveAsync("demo/hello");
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "orders/42", "here again");

        await console.ExpectNewestAsync("orders/42", "here again");
        Assert.True(back.Elapsed < backWithin, $"It took {back.Elapsed} until messages flowed, and less than {backWithin} was expected.");
        await Expect(console.State).ToHaveTextAsync("Connected");
        // In one notice, or where the gateway is slow to confirm in two.
        var reconnected = console.Notices.Filter(new() { HasText = "(reconnected)" });
        await Expect(reconnected.Filter(new() { HasText = "demo/hello" })).ToHaveCountAsync(1);
        await Expect(reconnected.Filter(new() { HasText = "orders/42" })).ToHaveCountAsync(1);
    }
}
