using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;
using static Microsoft.Playwright.Assertions;

namespace MessageBus.BrowserTests;

/// <summary>The console page without a mouse.</summary>
[Collection(Chromium.Collection)]
public sealed class KeyboardTests(Chromium chromium)
{
    [Fact]
    public async Task Subscribing_and_publishing_need_no_mouse()
    {
        await using var gateway = GatewayApp.Start();
        await using var console = await chromium.OpenConsoleAsync(gateway.Http);

        await TabToAsync(console, "channel-input");
        await console.Page.Keyboard.TypeAsync("orders/42");
        await console.Page.Keyboard.PressAsync("Enter");
        await console.ExpectLiveAsync("orders/42");
        await Expect(console.ChannelInput).ToBeFocusedAsync();
        await Expect(console.PublishChannel).ToHaveValueAsync("orders/42");
        await TabToAsync(console, "publish-payload");
        await console.Page.Keyboard.PressAsync("Control+A");
        await console.Page.Keyboard.TypeAsync("no mouse");
        await console.Page.Keyboard.PressAsync("Control+Enter");

        await console.ExpectNewestAsync("orders/42", "no mouse");
        await Expect(console.PublishPayload).ToBeFocusedAsync();
        Assert.Empty(console.Complaints);
    }

    [Fact]
    public async Task Every_stop_of_the_tab_key_is_seen_and_has_a_name()
    {
        await using var gateway = GatewayApp.Start();
        await using var console = await chromium.OpenConsoleAsync(gateway.Http);

        var stops = await TabToAsync(console, "publish-button");

        Assert.Equal(["skip", "drop", "offline", "copy", "copy", "filter", "pause", "clear", "feed", "channel-input", "subscribe-button", "channel-name", "channel-remove",
            "publish-channel", "publish-payload", "publish-button"], stops);
    }

    [Fact]
    public async Task Focus_stays_near_a_channel_that_is_removed()
    {
        await using var gateway = GatewayApp.Start();
        await using var console = await chromium.OpenConsoleAsync(gateway.Http);
        await TabToAsync(console, "channel-remove");

        await console.Page.Keyboard.PressAsync("Enter");

        await Expect(console.ChannelRow("demo/hello")).ToHaveCountAsync(0);
        await Expect(console.ChannelInput).ToBeFocusedAsync();
    }

    /// <summary>Presses Tab until this element has the focus. Returns all stops, each of which must have a visible focus and a name.</summary>
    private static async Task<List<string>> TabToAsync(ConsolePage console, string wanted)
    {
        var stops = new List<string>();
        while (stops.Count < 30 && stops.LastOrDefault() != wanted)
        {
            await console.Page.Keyboard.PressAsync("Tab");
            var stop = await console.Page.EvaluateAsync<Stop>(
                """
                () => {
                  const focused = document.activeElement;
                  const { outlineStyle, outlineWidth } = getComputedStyle(focused);
                  const labels = (focused.getAttribute('aria-labelledby') ?? '').split(' ').map(id => document.getElementById(id));
                  return {
                    id: focused.id || (focused.dataset.copies ? 'copy' : focused.className),
                    name: [focused.getAttribute('aria-label'), focused.labels?.[0]?.textContent, ...labels.map(label => label?.textContent), focused.textContent]
                      .find(text => text?.trim()) ?? '',
                    isSeen: focused.matches(':focus-visible') && outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
                  };
                }
                """);
            Assert.True(stop.IsSeen, $"The focus on '{stop.Id}' cannot be seen.");
            Assert.True(stop.Name.Length > 0, $"'{stop.Id}' has no name.");
            stops.Add(stop.Id);
        }

        return stops;
    }

    private sealed class Stop
    {
        public string Id { get; set; } = "";

        public string Name { get; set; } = "";

        public bool IsSeen { get; set; }
    }
}
