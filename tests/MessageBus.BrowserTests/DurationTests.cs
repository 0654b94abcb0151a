using System.Diagnostics;
using System.Globalization;
using System.Text;
using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.BrowserTests;

/// <summary>What must not take longer than it may.</summary>
[Collection(Chromium.Alone)]
public sealed class DurationTests(Chromium chromium)
{
    [Fact]
    public async Task All_tabs_are_back_within_5_s_after_the_gateway_was_killed_and_started_again()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var first = await GatewayProcess.StartAsync("http://127.0.0.1:0", ("ConnectionStrings__Redis", redis.Endpoint));
        await using var user = await chromium.NewTabsAsync(first.Page);
        var inWorker = await user.OpenAsync("{ mode: 'worker' }");
        var inPage = await user.OpenAsync("{ mode: 'page' }");
        IReadOnlyList<ApplicationPage> tabs = [.. await user.OpenAsync(10), inWorker, inPage];
        await Task.WhenAll(tabs.Select(tab => tab.ListenAsync("orders/42")));
        // The back-off is random, and the longer the gateway was away the longer it may be, up to 30 s. With this chance it is never over 1.5 s.
        const string SmallChance = "() => { Math.random = () => 0.05; }";
        await user.SetChanceAsync(0.05);
        await Assert.Single(inWorker.Page.Workers).EvaluateAsync<object?>(SmallChance);
        await inPage.RunAsync(SmallChance);

        await first.KillAsync();
        await Task.WhenAll(tabs.Select(tab => tab.ExpectStateAsync("waiting")));
        await using var second = await GatewayProcess.StartAsync(first.Page.AbsoluteUri, ("ConnectionStrings__Redis", redis.Endpoint));
        var back = Stopwatch.StartNew();
        await Task.WhenAll(tabs.Select(tab => tab.ExpectGapAsync("orders/42 reconnected")));
        var took = back.Elapsed;
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "orders/42", "here again");

        await Task.WhenAll(tabs.Select(tab => tab.ExpectHeardAsync("here again")));
        Assert.True(took < TimeSpan.FromSeconds(5), $"It took {took}.");
    }

    [Fact]
    [Trait("Length", "Long")]
    public async Task A_hundred_thousand_messages_reach_a_page_once_in_order_and_never_block_it()
    {
        const int Count = 100_000;
        await using var redis = await RedisServerProcess.StartAsync("--client-output-buffer-limit", "pubsub 0 0 0");
        // What may wait for a client is not what is tested here: on a busy machine a page falls behind by more than the default.
        await using var gateway = GatewayApp.Start(redis, ("MessageBus:Limits:MaxBacklogBytes", "67108864"));
        await using var user = await chromium.NewTabsAsync(gateway.Http);
        var tab = await user.OpenAsync();
        await tab.RunAsync(
            """
            () => {
              window.received = 0;
              window.outOfOrder = [];
              window.longTasks = [];
              window.observer = new PerformanceObserver(list => longTasks.push(...list.getEntries().map(task => task.duration)));
              observer.observe({ type: 'longtask' });
            }
            """);
        await tab.SubscribeAsync("load/one", "payload => { if (Number(payload) !== received++ && outOfOrder.length < 10) outOfOrder.push(payload); }");
        using var backend = new RespConnection(redis.Port);

        await HearAllAsync();
        var longTasks = await tab.ValueAsync<double[]>("longTasks");

        Assert.Empty(await tab.ValueAsync<string[]>("outOfOrder"));
        Assert.Empty(await tab.ValueAsync<string[]>("gaps"));
        if (longTasks.Length > 0)
        {
            // Longer than 50 ms by the clock: on a busy machine also a task that was not let run. By the processor's time it must not be.
            var longest = await user.LongestTaskAsync(HearAllAsync);
            Assert.True(longest < TimeSpan.FromMilliseconds(50), $"A task of the page took {longest} of the processor; by the clock {string.Join(", ", longTasks)} ms.");
        }

        async Task HearAllAsync()
        {
            await tab.RunAsync("() => { received = 0; }");
            await backend.PublishAsync(Enumerable.Range(0, Count).Select(n => ("load/one", Encoding.ASCII.GetBytes(n.ToString(CultureInfo.InvariantCulture)))));
            await tab.ExpectAsync("count => received >= count", Count, limit: TimeSpan.FromMinutes(1));
            // Behind a publication of the page's own there can be no straggler.
            await tab.RunAsync("() => new Promise(heard => { const leave = bus.subscribe('load/end', () => { leave(); heard(); }, { onSubscribed: () => bus.publish('load/end', '') }); })");
            await tab.RunAsync("() => { longTasks.push(...observer.takeRecords().map(task => task.duration)); }");
            Assert.Equal(Count, await tab.ValueAsync<int>("received"));
        }
    }
}
