using MessageBus.IntegrationTests.Support;
using Microsoft.Playwright;

namespace MessageBus.BrowserTests.Browser;

/// <summary>
/// The Chromium that is installed on the machine, started once for all tests of a collection, which run one after the other. Each test gets windows without a
/// past; none is downloaded.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    /// <summary>Tests of the pages that the gateway serves. They run beside those of <see cref="Client"/>.</summary>
    public const string Pages = "Chromium for the pages";

    /// <summary>Tests of the client in pages of others.</summary>
    public const string Client = "Chromium for the client";

    /// <summary>Tests that measure time: nothing runs beside.</summary>
    public const string Alone = "Chromium alone";

    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        var executable = Find();
        Assertions.SetDefaultExpectTimeout((float)Eventually.Limit.TotalMilliseconds);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = executable, Args = Arguments });
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        await _browser.CloseAsync();
        _playwright.Dispose();
    }

    /// <summary>Opens the playground and returns once it is connected.</summary>
    internal async Task<PlaygroundPage> OpenPlaygroundAsync(Uri gateway, BrowserNewContextOptions? options = null, Func<IPage, Task>? beforeOpening = null)
    {
        var playground = new PlaygroundPage(await NewPageAsync(options));
        await (beforeOpening?.Invoke(playground.Page) ?? Task.CompletedTask);
        await playground.OpenAsync(gateway);
        return playground;
    }

    /// <summary>Opens the operators' console.</summary>
    internal async Task<ConsolePage> OpenConsoleAsync(Uri gateway, BrowserNewContextOptions? options = null, Func<IPage, Task>? beforeOpening = null)
    {
        var page = new ConsolePage(await NewPageAsync(options));
        await (beforeOpening?.Invoke(page.Page) ?? Task.CompletedTask);
        await page.Page.GotoAsync(new Uri(gateway, "/console").AbsoluteUri);
        return page;
    }

    /// <summary>Opens a page of an application that uses the client module and has nothing else on it.</summary>
    internal async Task<ApplicationPage> OpenApplicationAsync(Uri gateway, string options = "{}")
    {
        var application = new ApplicationPage(await NewPageAsync());
        await application.OpenAsync(gateway, options);
        return application;
    }

    /// <summary>Opens a page that is not the gateway's. Closing its context closes its window.</summary>
    internal async Task<IPage> OpenAsync(Uri address)
    {
        var page = await NewPageAsync();
        await page.GotoAsync(address.AbsoluteUri);
        return page;
    }

    /// <summary>A user of the browser without a past, who can open tabs on this gateway.</summary>
    internal async Task<Tabs> NewTabsAsync(Uri gateway) =>
        new(await NewContextAsync(), await NewToolsAsync(), gateway);

    internal async Task<BrowserTools> NewToolsAsync() => new(await _browser.NewBrowserCDPSessionAsync());

    private async Task<IPage> NewPageAsync(BrowserNewContextOptions? options = null) => await (await NewContextAsync(options)).NewPageAsync();

    private async Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions? options = null)
    {
        // The certificate that the gateway makes for itself is known to nobody.
        var context = await _browser.NewContextAsync(new(options ?? new()) { IgnoreHTTPSErrors = true });
        context.SetDefaultTimeout((float)Eventually.Limit.TotalMilliseconds);
        return context;
    }

    private static string Find()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var candidates = from name in Names from folder in folders select Path.Combine(folder, name);
        return candidates.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("The tests need Chromium on the PATH. Install it: apt-get install chromium");
    }
}

/// <summary>Starts a browser for <see cref="Chromium.Pages"/>.</summary>
[CollectionDefinition(Chromium.Pages)]
public sealed class ChromiumForPages : ICollectionFixture<Chromium>;

/// <summary>Starts a browser for <see cref="Chromium.Client"/>.</summary>
[CollectionDefinition(Chromium.Client)]
public sealed class ChromiumForClient : ICollectionFixture<Chromium>;

/// <summary>Starts a browser for <see cref="Chromium.Alone"/>.</summary>
[CollectionDefinition(Chromium.Alone, DisableParallelization = true)]
public sealed class ChromiumAlone : ICollectionFixture<Chromium>;
