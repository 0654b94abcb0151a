using System.Text;
using System.Text.Json;
using MessageBus.IntegrationTests.Support;
using Microsoft.Playwright;

namespace MessageBus.BrowserTests.Browser;

/// <summary>What the tools of the whole browser can do (Chrome DevTools Protocol), and those of one page cannot.</summary>
internal sealed class BrowserTools(ICDPSession session)
{
    /// <summary>Ends the shared worker of this gateway's pages.</summary>
    public async Task KillWorkerAsync(Uri gateway) => await session.SendAsync("Target.closeTarget", new() { ["targetId"] = await FindWorkerAsync(gateway) });

    /// <summary>Runs an expression in that worker, which belongs to no page.</summary>
    public async Task RunInWorkerAsync(Uri gateway, string expression)
    {
        var worker = await TargetSession.AttachAsync(session, await FindWorkerAsync(gateway));
        await worker.EvaluateAsync<object?>(expression);
    }

    /// <summary>
    /// Tabs of one user that are the browser's alone. To a tab that Playwright drives it gives a focus of its own, and a tab that has the focus does not freeze.
    /// </summary>
    public async Task<IReadOnlyList<TargetSession>> OpenTabsAsync(Uri gateway, int count)
    {
        var user = (await session.SendAsync("Target.createBrowserContext"))!.Value.GetProperty("browserContextId").GetString()!;
        var tabs = new List<TargetSession>();
        while (tabs.Count < count)
        {
            var created = await session.SendAsync("Target.createTarget", new()
            {
                ["url"] = new Uri(gateway, ApplicationPage.PlainAddress).AbsoluteUri,
                ["browserContextId"] = user,
            });
            var tab = await TargetSession.AttachAsync(session, created!.Value.GetProperty("targetId").GetString()!);
            await Eventually.TrueAsync(() => tab.EvaluateAsync<bool>($"location.href.startsWith('{gateway}') && document.readyState === 'complete'"), "the tab is there");
            tabs.Add(tab);
        }

        return tabs;
    }

    /// <summary>While <paramref name="act"/> runs: the most time that a page's thread spent in one task, counted on the processor and not on the clock.</summary>
    public async Task<TimeSpan> LongestTaskAsync(Func<Task> act)
    {
        var complete = new TaskCompletionSource<string>();
        session.Event("Tracing.tracingComplete").OnEvent += (_, traced) => complete.TrySetResult(traced!.Value.GetProperty("stream").GetString()!);
        await session.SendAsync("Tracing.start", new()
        {
            ["transferMode"] = "ReturnAsStream",
            ["traceConfig"] = new Dictionary<string, object> { ["includedCategories"] = new[] { "disabled-by-default-devtools.timeline" }, ["excludedCategories"] = new[] { "*" } },
        });
        await act();
        await session.SendAsync("Tracing.end");
        var events = JsonDocument.Parse(await ReadAsync(await Eventually.ResultAsync(complete.Task, "the trace is complete"))).RootElement.GetProperty("traceEvents").EnumerateArray().ToList();

        var pages = (from traced in events
                     where traced.GetProperty("name").ValueEquals("thread_name") && traced.GetProperty("args").GetProperty("name").ValueEquals("CrRendererMain")
                     select (traced.GetProperty("pid").GetInt32(), traced.GetProperty("tid").GetInt32())).ToHashSet();
        var tasks = (from traced in events
                     where traced.GetProperty("name").ValueEquals("RunTask") && pages.Contains((traced.GetProperty("pid").GetInt32(), traced.GetProperty("tid").GetInt32()))
                     where traced.TryGetProperty("tdur", out _)
                     select traced.GetProperty("tdur").GetDouble()).ToList();
        Assert.NotEmpty(tasks);
        return TimeSpan.FromMicroseconds(tasks.Max());
    }

    private async Task<string> ReadAsync(string stream)
    {
        var text = new StringBuilder();
        for (var isLast = false; !isLast;)
        {
            var part = (await session.SendAsync("IO.read", new() { ["handle"] = stream, ["size"] = 1024 * 1024 }))!.Value;
            text.Append(part.GetProperty("data").GetString());
            isLast = part.GetProperty("eof").GetBoolean();
        }

        await session.SendAsync("IO.close", new() { ["handle"] = stream });
        return text.ToString();
    }

    private async Task<string> FindWorkerAsync(Uri gateway)
    {
        var targets = (await session.SendAsync("Target.getTargets"))!.Value.GetProperty("targetInfos").EnumerateArray();
        var worker = Assert.Single(targets, target => target.GetProperty("type").ValueEquals("shared_worker")
            && target.GetProperty("url").GetString()!.StartsWith(gateway.AbsoluteUri, StringComparison.Ordinal));
        return worker.GetProperty("targetId").GetString()!;
    }
}
