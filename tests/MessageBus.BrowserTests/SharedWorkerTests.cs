using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.BrowserTests;

/// <summary>Tabs that share one connection, and what becomes of it when they end, sleep or crash.</summary>
[Collection(Chromium.Client)]
public sealed class SharedWorkerTests(Chromium chromium)
{
    [Fact]
    public async Task Ten_tabs_hold_one_web_socket_and_all_get_every_message()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var user = await chromium.NewTabsAsync(gateway.Http);
        var tabs = await user.OpenAsync(10);
        await Task.WhenAll(tabs.Select(tab => tab.ListenAsync("orders/42")));

        await RedisCli.RunAsync(redis.Port, "PUBLISH", "orders/42", "from a backend");
        await tabs[3].PublishTextAsync("orders/42", "from a tab");

        foreach (var tab in tabs)
        {
            await tab.ExpectHeardAsync("from a backend", "from a tab");
            Assert.Equal("shared-worker", await tab.ValueAsync<string>("bus.mode"));
        }

        Assert.Equal(1, (await gateway.GetJsonAsync("/api/connections")).GetArrayLength());
        Assert.Equal("orders/42\n1", await RedisCli.RunAsync(redis.Port, "PUBSUB", "NUMSUB", "orders/42"));
    }

    [Fact]
    public async Task Tabs_that_are_closed_or_crash_leave_exactly_the_subscriptions_of_the_others()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis, ("MessageBus:Delivery:SubscriptionLinger", "00:00:00.1"));
        await using var user = await chromium.NewTabsAsync(gateway.Http);
        var tabs = await user.OpenAsync(4);
        foreach (var (i, tab) in tabs.Index())
        {
            await tab.ListenAsync("shared");
            await tab.ListenAsync($"own/{i}");
        }

        await ExpectChannelsAsync(redis, "own/0", "own/1", "own/2", "own/3", "shared");
        await tabs[3].CrashAsync();
        await ExpectChannelsAsync(redis, "own/0", "own/1", "own/2", "shared");
        await tabs[2].Page.CloseAsync();
        await ExpectChannelsAsync(redis, "own/0", "own/1", "shared");
        // The first one: its process is the one in which the worker was made.
        await tabs[0].CrashAsync();
        await ExpectChannelsAsync(redis, "own/1", "shared");

        await RedisCli.RunAsync(redis.Port, "PUBLISH", "own/1", "still here");
        await tabs[1].ExpectHeardAsync("still here");
        await tabs[1].Page.CloseAsync();
        await ExpectChannelsAsync(redis);
        await Eventually.TrueAsync(async () => (await gateway.GetJsonAsync("/api/connections")).GetArrayLength() is 0, "the socket of the last tab is closed");
    }

    [Fact]
    public async Task A_frozen_tab_does_not_stop_the_others_and_misses_nothing_when_it_wakes()
    {
        await using var gateway = GatewayApp.Start();
        var tools = await chromium.NewToolsAsync();
        var tabs = await tools.OpenTabsAsync(gateway.Http, 2);
        foreach (var tab in tabs)
        {
            await tab.EvaluateAsync<object?>(
                $$"""
                (async () => {
                  {{ApplicationPage.Script("{}")}}
                  document.addEventListener('resume', () => heard.push('awake'));
                  await new Promise(onSubscribed => bus.subscribe('orders/42', payload => heard.push(payload), { onSubscribed }));
                })()
                """);
        }

        await tabs[0].SendAsync("Page.setWebLifecycleState", new { state = "frozen" });
        await tabs[1].EvaluateAsync<object?>("bus.publish('orders/42', 'one').then(() => bus.publish('orders/42', 'two'))");
        await ExpectHeardAsync(tabs[1], "one,two");
        await ExpectHeardAsync(tabs[0], "");
        await tabs[0].SendAsync("Page.setWebLifecycleState", new { state = "active" });

        await ExpectHeardAsync(tabs[0], "awake,one,two");
        Assert.Equal(1, (await gateway.GetJsonAsync("/api/connections")).GetArrayLength());

        static Task ExpectHeardAsync(TargetSession tab, string payloads) =>
            Eventually.TrueAsync(async () => await tab.EvaluateAsync<string>("heard.join()") == payloads, $"the tab has heard '{payloads}'");
    }

    [Fact]
    public async Task A_killed_worker_is_replaced_and_the_tabs_meet_in_the_new_one()
    {
        await using var gateway = GatewayApp.Start();
        await using var user = await chromium.NewTabsAsync(gateway.Http);
        var tabs = await user.OpenAsync(3);
        await Task.WhenAll(tabs.Select(tab => tab.ListenAsync("orders/42")));

        await user.KillWorkerAsync();
        await Task.WhenAll(tabs.Select(tab => tab.ExpectGapAsync("orders/42 worker_lost")));
        await tabs[0].PublishTextAsync("orders/42", "again");

        await Task.WhenAll(tabs.Select(tab => tab.ExpectHeardAsync("again")));
        await Eventually.TrueAsync(async () => (await gateway.GetJsonAsync("/api/connections")).GetArrayLength() is 1, "the tabs share one socket again");
    }

    private static Task ExpectChannelsAsync(RedisServerProcess redis, params string[] channels) => Eventually.TrueAsync(
        async () =>
        {
            var open = (await RedisCli.RunAsync(redis.Port, "PUBSUB", "CHANNELS")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            // The gateway's own channels are not of a browser.
            return open.Where(channel => !channel.StartsWith("__", StringComparison.Ordinal) && !channel.StartsWith("mb:", StringComparison.Ordinal)).Order().SequenceEqual(channels);
        },
        $"exactly these channels are open: {string.Join(", ", channels)}");
}
