using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;
using static Microsoft.Playwright.Assertions;

namespace MessageBus.BrowserTests;

/// <summary>The playground without a mouse.</summary>
[Collection(Chromium.Pages)]
public sealed class KeyboardTests(Chromium chromium)
{
    [Fact]
    public async Task Subscribing_and_publishing_need_no_mouse()
    {
        await using var gateway = GatewayApp.Start();
        await using var playground = await chromium.OpenPlaygroundAsync(gateway.Http);

        await playground.Page.TabToAsync("channel-input");
        await playground.Page.Keyboard.TypeAsync("orders/42");
        await playground.Page.Keyboard.PressAsync("Enter");
        await playground.ExpectLiveAsync("orders/42");
        await Expect(playground.ChannelInput).ToBeFocusedAsync();
        await Expect(playground.PublishChannel).ToHaveValueAsync("orders/42");
        await playground.Page.TabToAsync("publish-payload");
        await playground.Page.Keyboard.PressAsync("Control+A");
        await playground.Page.Keyboard.TypeAsync("no mouse");
        await playground.Page.Keyboard.PressAsync("Control+Enter");

        await playground.ExpectNewestAsync("orders/42", "no mouse");
        await Expect(playground.PublishPayload).ToBeFocusedAsync();
        Assert.Empty(playground.Complaints);
    }

    [Fact]
    public async Task Every_stop_of_the_tab_key_is_seen_and_has_a_name()
    {
        await using var gateway = GatewayApp.Start();
        await using var playground = await chromium.OpenPlaygroundAsync(gateway.Http);

        var stops = await playground.Page.TabToAsync("publish-button");

        Assert.Equal(["Skip to the messages", "drop", "offline", "Copy the line that publishes", "Copy the line that subscribes", "filter", "pause", "clear", "feed", "channel-input", "subscribe-button",
            "demo/hello", "Unsubscribe from demo/hello", "publish-channel", "publish-payload", "publish-button"], stops);
    }

    [Fact]
    public async Task Focus_stays_near_a_channel_that_is_removed()
    {
        await using var gateway = GatewayApp.Start();
        await using var playground = await chromium.OpenPlaygroundAsync(gateway.Http);
        await playground.Page.TabToAsync("Unsubscribe from demo/hello");

        await playground.Page.Keyboard.PressAsync("Enter");

        await Expect(playground.ChannelRow("demo/hello")).ToHaveCountAsync(0);
        await Expect(playground.ChannelInput).ToBeFocusedAsync();
    }
}
