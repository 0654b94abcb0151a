using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MessageBus.BrowserTests;

/// <summary>The playground lets a visitor lose the connection and watch how it comes back.</summary>
[Collection(Chromium.Pages)]
public sealed class OutageTests(Chromium chromium)
{
    /// <summary>Where a picture of the page in the middle of it is written, if anywhere.</summary>
    private const string PictureVariable = "MESSAGEBUS_OUTAGE_SCREENSHOT";

    [Fact]
    public async Task Tabs_are_counted_and_a_dropped_connection_is_back_at_once_in_all_of_them()
    {
        await using var gateway = GatewayApp.Start();
        await using var first = await chromium.OpenPlaygroundAsync(gateway.Http);
        await Expect(first.Home).ToHaveTextAsync("Shared worker, 1 tab");
        await using var second = new PlaygroundPage(await first.Page.Context.NewPageAsync());
        await second.OpenAsync(gateway.Http);
        await Expect(first.Home).ToHaveTextAsync("Shared worker, 2 tabs");
        await Expect(second.Home).ToHaveTextAsync("Shared worker, 2 tabs");
        var before = await ConnectionsAsync(gateway);

        await first.Page.GetByRole(AriaRole.Button, new() { Name = "Drop the connection" }).ClickAsync();

        foreach (var playground in new[] { first, second })
        {
            await Expect(playground.Notices.Filter(new() { HasText = "Reconnected after" })).ToHaveCountAsync(1);
            await Expect(playground.Notices.Filter(new() { HasText = "Messages may have been missed on demo/hello (reconnected)" })).ToHaveCountAsync(1);
            await playground.ExpectLiveAsync("demo/hello");
        }

        await second.PublishAsync("demo/hello", "here again");
        await first.ExpectNewestAsync("demo/hello", "here again");
        await Eventually.TrueAsync(async () => (await ConnectionsAsync(gateway)).Length is 1, "the old connection is closed");
        Assert.NotEqual(before, await ConnectionsAsync(gateway));
        await second.Page.CloseAsync();
        await Expect(first.Home).ToHaveTextAsync("Shared worker, 1 tab");
        Assert.Empty(first.Complaints);
    }

    [Fact]
    public async Task Page_stays_offline_for_10_s_and_what_is_published_then_waits_for_the_connection()
    {
        await using var gateway = GatewayApp.Start();
        await using var playground = await chromium.OpenPlaygroundAsync(gateway.Http, beforeOpening: page => page.Clock.InstallAsync());
        await playground.PublishAsync("demo/hello", "before");

        await playground.Offline.PressAsync("Enter");
        await Expect(playground.State).ToHaveTextAsync("Offline");
        await Eventually.TrueAsync(async () => await ConnectionsAsync(gateway) is [], "the socket is closed");
        await playground.Page.Clock.RunForAsync(3_000);
        await Expect(playground.Offline).ToHaveTextAsync("Go online (7 s)");
        await Expect(playground.Offline).ToBeFocusedAsync();
        await playground.TryPublishAsync("demo/hello", "written offline");
        await Expect(playground.PublishResult).ToHaveTextAsync("Publishing ...");
        await playground.TakePictureIfWantedAsync(PictureVariable);

        await playground.Page.Clock.RunForAsync(7_000);
        await Expect(playground.State).ToHaveTextAsync("Connected");
        await Expect(playground.Offline).ToHaveTextAsync("Go offline 10 s");
        await Expect(playground.PublishResult).ToContainTextAsync("Published to demo/hello");
        await Expect(playground.Payloads).ToHaveTextAsync(["written offline", "before"]);

        // The same button ends it early.
        await playground.Offline.ClickAsync();
        await Expect(playground.State).ToHaveTextAsync("Offline");
        await playground.Offline.ClickAsync();
        await Expect(playground.State).ToHaveTextAsync("Connected");
        await Expect(playground.Offline).ToHaveTextAsync("Go offline 10 s");
        Assert.Empty(playground.Complaints);
    }

    private static async Task<string[]> ConnectionsAsync(GatewayApp gateway) =>
        [.. (await gateway.GetJsonAsync("/api/connections")).EnumerateArray().Select(connection => connection.GetProperty("id").GetString()!)];
}
