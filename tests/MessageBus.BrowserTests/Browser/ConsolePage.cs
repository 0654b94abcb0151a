using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MessageBus.BrowserTests.Browser;

/// <summary>The operators' console as its user sees it. Disposing it closes its window.</summary>
internal sealed class ConsolePage(IPage page) : IAsyncDisposable
{
    public IPage Page { get; } = page;

    public ILocator Key => Page.GetByTestId("key");

    public ILocator KeyError => Page.GetByTestId("key-error");

    /// <summary>What the page says first: whether it is bad, and what it is.</summary>
    public ILocator Verdict => Page.GetByTestId("verdict");

    public ILocator Notice => Page.GetByTestId("notice");

    public ILocator Gateways => Page.GetByTestId("gateway-rows").Locator("tr");

    public ILocator Connections => Page.GetByTestId("connection-rows").Locator("tr");

    public ILocator ConnectionTotal => Page.GetByTestId("connection-total");

    public ILocator Channels => Page.GetByTestId("channel-rows").Locator("tr");

    public ILocator Confirm => Page.GetByTestId("confirm");

    public ILocator TapState => Page.GetByTestId("tap-state");

    /// <summary>What the live look has shown, newest first.</summary>
    public ILocator TapPayloads => Page.GetByTestId("tap-events").Locator(".tap-payload");

    public ILocator PublishResult => Page.GetByTestId("publish-result");

    public IReadOnlyCollection<string> Complaints { get; } = PageComplaints.Of(page);

    public async Task SignInAsync(string key)
    {
        await Key.FillAsync(key);
        await Page.Keyboard.PressAsync("Enter");
        await Expect(Verdict).ToBeVisibleAsync();
    }

    /// <summary>Writes what the window shows, with nothing in motion and nothing under the mouse.</summary>
    public async Task TakePictureAsync(string path, bool whole)
    {
        await Page.Mouse.MoveAsync(0, 0);
        await Page.ScreenshotAsync(new() { Path = path, FullPage = whole, Animations = ScreenshotAnimations.Disabled, Caret = ScreenshotCaret.Hide });
    }

    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();
}
