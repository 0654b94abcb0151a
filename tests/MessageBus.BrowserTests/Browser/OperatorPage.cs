using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MessageBus.BrowserTests.Browser;

/// <summary>The operators' page, by what somebody in front of it sees and does. Disposing it closes its window.</summary>
internal sealed class OperatorPage(IPage page) : IAsyncDisposable
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

    /// <summary>Presses Tab until what has the focus has this id or this name. Each stop on the way must have a visible focus and a name.</summary>
    public async Task TabToAsync(string wanted)
    {
        var stops = new List<string>();
        do
        {
            await Page.Keyboard.PressAsync("Tab");
            var stop = await Page.EvaluateAsync<Stop>(
                """
                () => {
                  const focused = document.activeElement;
                  const { outlineStyle, outlineWidth } = getComputedStyle(focused);
                  const labels = (focused.getAttribute('aria-labelledby') ?? '').split(' ').map(id => document.getElementById(id));
                  return {
                    id: focused.id,
                    name: [focused.getAttribute('aria-label'), focused.labels?.[0]?.textContent, ...labels.map(label => label?.textContent), focused.textContent]
                      .find(text => text?.trim()) ?? '',
                    isSeen: focused.matches(':focus-visible') && outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
                  };
                }
                """);
            Assert.True(stop.IsSeen, $"The focus on '{stop.Id}' ({stop.Name}) cannot be seen.");
            Assert.True(stop.Name.Length > 0, $"'{stop.Id}' has no name.");
            stops.Add(stop.Id.Length > 0 ? stop.Id : stop.Name.Trim());
            if (stop.Id == wanted || stop.Name.Trim() == wanted)
            {
                return;
            }
        }
        while (stops.Count < 100);

        Assert.Fail($"Tab does not lead to '{wanted}', only to: {string.Join(", ", stops)}");
    }

    /// <summary>Writes what the window shows, with nothing in motion and nothing under the mouse.</summary>
    public async Task TakePictureAsync(string path, bool whole)
    {
        await Page.Mouse.MoveAsync(0, 0);
        await Page.ScreenshotAsync(new() { Path = path, FullPage = whole, Animations = ScreenshotAnimations.Disabled, Caret = ScreenshotCaret.Hide });
    }

    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();

    private sealed class Stop
    {
        public string Id { get; set; } = "";

        public string Name { get; set; } = "";

        public bool IsSeen { get; set; }
    }
}
