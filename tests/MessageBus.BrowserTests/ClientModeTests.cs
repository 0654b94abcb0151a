using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.BrowserTests;

/// <summary>The client does the same wherever its connection lives: in a worker of all tabs, in one of the tab, on the page's own thread.</summary>
[Collection(Chromium.Client)]
public sealed class ClientModeTests(Chromium chromium)
{
    public static TheoryData<string> Modes => ["shared-worker", "worker", "page"];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Text_bytes_and_values_go_both_ways_in_order(string mode)
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var user = await chromium.NewTabsAsync(gateway.Http);
        var tabs = await user.OpenAsync(2, $"{{ mode: '{mode}' }}");
        await tabs[0].SubscribeAsync("mixed", "(payload, channel, { bytes }) => heard.push(`${channel} ${payload} ${bytes.length}`)");

        await tabs[1].PublishTextAsync("mixed", "text");
        await tabs[1].PublishBytesAsync("mixed", [0xFF, 0x00]);
        await tabs[1].RunAsync("() => bus.json('mixed').publish({ n: 1 })");
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "mixed", "backend");

        await tabs[0].ExpectHeardAsync("mixed text 4", "mixed \uFFFD\0 2", """mixed {"n":1} 7""", "mixed backend 7");
        Assert.Equal(mode, await tabs[0].ValueAsync<string>("bus.mode"));
        Assert.Equal(mode is "shared-worker" ? 1 : 2, await ConnectionsAsync(gateway));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Offline_and_online_are_followed_at_once(string mode)
    {
        await using var gateway = GatewayApp.Start();
        await using var user = await chromium.NewTabsAsync(gateway.Http);
        var tab = await user.OpenAsync($"{{ mode: '{mode}' }}");
        await tab.ListenAsync("orders/42");

        await user.SetOfflineAsync(true);
        await tab.ExpectStateAsync("offline");
        await Eventually.TrueAsync(async () => await ConnectionsAsync(gateway) is 0, "the socket is closed");
        await tab.RunAsync("() => { bus.publish('orders/42', 'written offline').catch(error => heard.push(error.code)); }");
        await user.SetOfflineAsync(false);

        await tab.ExpectGapAsync("orders/42 reconnected");
        await tab.ExpectHeardAsync("written offline");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_tab_that_is_closed_or_crashes_leaves_no_subscription_and_no_connection(string mode)
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis, ("MessageBus:Delivery:SubscriptionLinger", "00:00:00.1"));
        await using var user = await chromium.NewTabsAsync(gateway.Http);
        var tabs = await user.OpenAsync(3, $"{{ mode: '{mode}' }}");
        await tabs[0].ListenAsync("stays");
        await tabs[1].ListenAsync("closed");
        await tabs[2].ListenAsync("crashed");

        await tabs[1].Page.CloseAsync();
        await tabs[2].CrashAsync();

        await Eventually.TrueAsync(
            async () => await RedisCli.RunAsync(redis.Port, "PUBSUB", "NUMSUB", "stays", "closed", "crashed") is "stays\n1\nclosed\n0\ncrashed\n0",
            "only the tab that stays is subscribed");
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "stays", "x");
        await tabs[0].ExpectHeardAsync("x");
        Assert.Equal(1, await ConnectionsAsync(gateway));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_log_out_ends_all_tabs(string mode)
    {
        await using var gateway = GatewayApp.Start();
        await using var user = await chromium.NewTabsAsync(gateway.Http);
        var tabs = await user.OpenAsync(2, $"{{ mode: '{mode}' }}");
        await tabs[0].ListenAsync("orders/42");
        await tabs[1].ListenAsync("orders/42");

        await tabs[0].RunAsync("() => bus.close({ allTabs: true })");

        await tabs[1].ExpectStateAsync("closed");
        await Eventually.TrueAsync(async () => await ConnectionsAsync(gateway) is 0, "no socket is left");
    }

    [Theory]
    [InlineData("script-src 'self'; worker-src 'self'; connect-src 'self'", "", "shared-worker")]
    [InlineData("script-src 'self'; worker-src 'none'; connect-src 'self'", "", "page")]
    [InlineData("", "delete window.SharedWorker", "worker")]
    [InlineData("", "delete window.SharedWorker; delete window.Worker", "page")]
    [InlineData("", "navigator.locks.request = () => Promise.reject(new DOMException('Refused', 'SecurityError'))", "worker")]
    [InlineData("", "begin({ worker: '/no-such-worker.js' })", "page")]
    public async Task The_best_home_that_the_page_allows_is_taken(string policy, string before, string mode)
    {
        await using var gateway = GatewayApp.Start(Site.Use);
        await using var user = await chromium.NewTabsAsync(gateway.Http);
        var tab = await user.OpenAtAsync(Site.PageWithPolicy(policy));
        await tab.RunAsync($"() => {{ {before} }}");

        await tab.ListenAsync("orders/42");
        await tab.PublishTextAsync("orders/42", "x");

        await tab.ExpectHeardAsync("x");
        Assert.Equal(mode, await tab.ValueAsync<string>("bus.mode"));
    }

    private static async Task<int> ConnectionsAsync(GatewayApp gateway) => (await gateway.GetJsonAsync("/api/connections")).GetArrayLength();
}
