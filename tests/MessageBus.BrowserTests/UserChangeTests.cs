using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.BrowserTests;

/// <summary>Somebody logs out and somebody else logs in, in the same browser: nothing of the one reaches the other.</summary>
[Collection(Chromium.Client)]
public sealed class UserChangeTests(Chromium chromium)
{
    [Fact]
    public async Task The_next_user_of_a_site_with_cookies_gets_a_connection_of_its_own()
    {
        await using var gateway = GatewayApp.Start(Site.Use);
        await using var browser = await chromium.NewTabsAsync(gateway.Http);
        await browser.VisitAsync(Site.LogIn("anna"));
        var anna = await browser.OpenAsync();
        await anna.ListenAsync("inbox");

        // Anna's tab is still open, and its connection with it.
        await browser.VisitAsync(Site.LogIn("ben"));
        var ben = await browser.OpenAsync();
        await ben.ListenAsync("for/ben");
        using var http = gateway.CreateHttpClient();
        await http.PostAsync("/api/publish?channel=inbox", new StringContent("for anna"));
        await http.PostAsync("/api/publish?channel=for/ben", new StringContent("for ben"));

        await anna.ExpectHeardAsync("for anna");
        await ben.ExpectHeardAsync("for ben");
        Assert.Equal(["anna inbox", "ben for/ben"], await ConnectionsAsync(gateway));
        Assert.Equal("ben", await ben.ValueAsync<string>("bus.user"));
    }

    [Fact]
    public async Task A_connection_that_comes_back_as_another_user_ends_and_delivers_nothing()
    {
        await using var gateway = GatewayApp.Start(Site.Use);
        await using var browser = await chromium.NewTabsAsync(gateway.Http);
        await browser.VisitAsync(Site.LogIn("anna"));
        var anna = await browser.OpenAsync();
        await anna.ListenAsync("inbox");

        await browser.SetOfflineAsync(true);
        await anna.ExpectStateAsync("offline");
        await browser.VisitAsync(Site.LogIn("ben"));
        await browser.SetOfflineAsync(false);

        await anna.ExpectStateAsync("closed");
        Assert.Equal("user_changed", await anna.ValueAsync<string>("bus.status.reason"));
        Assert.Empty(await anna.ValueAsync<string[]>("heard"));
    }

    [Fact]
    public async Task Tabs_share_a_connection_where_the_page_says_whose_it_is_and_a_log_out_ends_it()
    {
        await using var gateway = GatewayApp.Start(Site.Use);
        await using var browser = await chromium.NewTabsAsync(gateway.Http);
        await browser.VisitAsync(Site.LogIn("anna"));
        var anna = await browser.OpenAsync(2, "{ user: 'anna' }");
        await anna[0].ListenAsync("inbox");
        await anna[1].ListenAsync("inbox");
        Assert.Equal(["anna inbox"], await ConnectionsAsync(gateway));

        await anna[0].RunAsync("() => bus.close({ allTabs: true })");
        await anna[1].ExpectStateAsync("closed");
        await browser.VisitAsync(Site.LogIn("ben"));
        var ben = await browser.OpenAsync("{ user: 'ben' }");
        await ben.ListenAsync("for/ben");

        await Eventually.TrueAsync(async () => await ConnectionsAsync(gateway) is ["ben for/ben"], "only the next user is connected");
    }

    /// <summary>Of each connection the user and the channels.</summary>
    private static async Task<string[]> ConnectionsAsync(GatewayApp gateway) =>
    [
        .. from connection in (await gateway.GetJsonAsync("/api/connections")).EnumerateArray()
           select $"{connection.GetProperty("user").GetString()} {string.Join(' ', connection.GetProperty("channels").EnumerateArray())}",
    ];
}
