using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;
using static Microsoft.Playwright.Assertions;

namespace MessageBus.BrowserTests;

/// <summary>The console page without a mouse.</summary>
[Collection(Chromium.Pages)]
public sealed class KeyboardTests(Chromium chromium)
{
    [Fact]
    public async Task Subscribing_and_publishing_need_no_mouse()
    {
        await using var gateway = GatewayApp.Start();
        await using var console = await chromium.OpenConsoleAsync(gateway.Http);

        await console.Page.TabToAsync("channel-input");
        await console.Page.Keyboard.TypeAsync("orders/42");
        await console.Page.Keyboard.PressAsync("Enter");
        await console.ExpectLiveAsync("orders/42");
        await Expect(console.ChannelInput).ToBeFocusedAsync();
        await Expect(console.PublishChannel).ToHaveValueAsync("orders/42");
        await console.Page.TabToAsync("publish-payload");
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

        var stops = await console.Page.TabToAsync("publish-button");

        Assert.Equal(["Skip to the messages", "drop", "offline", "Copy the line that publishes", "Copy the line that subscribes", "filter", "pause", "clear", "feed", "channel-input", "subscribe-button",
            "demo/hello", "Unsubscribe from demo/hello", "publish-channel", "publish-payload", "publish-button"], stops);
    }

    [Fact]
    public async Task Focus_stays_near_a_channel_that_is_removed()
    {
        await using var gateway = GatewayApp.Start();
        await using var console = await chromium.OpenConsoleAsync(gateway.Http);
        await console.Page.TabToAsync("Unsubscribe from demo/hello");

        await console.Page.Keyboard.PressAsync("Enter");

        await Expect(console.ChannelRow("demo/hello")).ToHaveCountAsync(0);
        await Expect(console.ChannelInput).ToBeFocusedAsync();
    }
}
