using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;
using static Microsoft.Playwright.Assertions;

namespace MessageBus.BrowserTests;

/// <summary>The console page of a gateway that serves nobody without a token, as <c>docker-compose up</c> starts it.</summary>
[Collection(Chromium.Pages)]
public sealed class SignInTests(Chromium chromium)
{
    [Fact]
    public async Task The_page_asks_for_a_token_and_refuses_a_wrong_one()
    {
        await using var gateway = GatewayApp.Start(
            ("MessageBus:AllowAnonymous", "false"), ("MessageBus:Jwt:Secret", Tokens.Secret), ("MessageBus:Channels:0:Pattern", "demo/**"), ("MessageBus:Channels:0:Subscribe", "authenticated"));
        await using var console = new ConsolePage(await chromium.OpenAsync(gateway.Http));
        var token = console.Page.GetByTestId("token-input");
        await Expect(token).ToBeFocusedAsync();

        await SignInAsync(Tokens.For("alice", TimeSpan.FromHours(-1)));
        await Expect(console.Page.GetByTestId("token-error")).ToContainTextAsync("does not accept");
        await SignInAsync(Tokens.For("alice"));

        await Expect(console.State).ToHaveTextAsync("Connected");
        await console.ExpectLiveAsync("demo/hello");
        await Expect(console.Page.GetByTestId("state-detail")).ToHaveTextAsync("Signed in as alice");
        await Expect(token).ToBeHiddenAsync();
        Assert.DoesNotContain("ey", console.Page.Url, StringComparison.Ordinal);

        async Task SignInAsync(string text)
        {
            await token.FillAsync(text);
            await console.Page.GetByTestId("token-button").ClickAsync();
        }
    }
}
