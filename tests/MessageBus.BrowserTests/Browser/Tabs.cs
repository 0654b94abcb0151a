using Microsoft.Playwright;

namespace MessageBus.BrowserTests.Browser;

/// <summary>The tabs of one user of the browser, on one gateway: they share cookies, locks and workers. Disposing it closes all.</summary>
internal sealed class Tabs(IBrowserContext context, BrowserTools tools, Uri gateway) : IAsyncDisposable
{
    /// <param name="options">What the bus of the tab is made with, as JavaScript.</param>
    public async Task<ApplicationPage> OpenAsync(string options = "{}")
    {
        var tab = new ApplicationPage(await context.NewPageAsync());
        await tab.OpenAsync(gateway, options);
        return tab;
    }

    public async Task<ApplicationPage> OpenAtAsync(string address, string options = "{}")
    {
        var tab = new ApplicationPage(await context.NewPageAsync());
        await tab.OpenAsync(gateway, options, address);
        return tab;
    }

    public async Task<IReadOnlyList<ApplicationPage>> OpenAsync(int count, string options = "{}")
    {
        var tabs = new List<ApplicationPage>();
        while (tabs.Count < count)
        {
            tabs.Add(await OpenAsync(options));
        }

        return tabs;
    }

    /// <summary>Asks the gateway for this address, as a tab does that is opened there and closed again.</summary>
    public async Task VisitAsync(string address) => await context.APIRequest.GetAsync(new Uri(gateway, address).AbsoluteUri);

    /// <summary>The cable of the machine, as its browser tells the pages.</summary>
    public Task SetOfflineAsync(bool offline) => context.SetOfflineAsync(offline);

    /// <summary>Ends the shared worker as a crash would, without a word to it or to the tabs.</summary>
    public Task KillWorkerAsync() => tools.KillWorkerAsync(gateway);

    /// <summary>Makes the random numbers of the shared worker this one.</summary>
    public Task SetChanceAsync(double chance) => tools.RunInWorkerAsync(gateway, FormattableString.Invariant($"Math.random = () => {chance}"));

    /// <inheritdoc cref="BrowserTools.LongestTaskAsync"/>
    public Task<TimeSpan> LongestTaskAsync(Func<Task> act) => tools.LongestTaskAsync(act);

    public async ValueTask DisposeAsync() => await context.CloseAsync();
}
