using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;
using static Microsoft.Playwright.Assertions;

namespace MessageBus.BrowserTests;

/// <summary>The playground of a gateway that requires a token, as <c>docker-compose up</c> starts it.</summary>
[Collection(Chromium.Pages)]
public sealed class SignInTests(Chromium chromium)
{
    [Fact]
    public async Task The_page_asks_for_a_token_and_refuses_a_wrong_one()
    {
        await using var gateway = GatewayApp.Start(
            ("MessageBus:AllowAnonymous", "false"), ("MessageBus:Jwt:Secret", Tokens.Secret), ("MessageBus:Channels:0:Pattern", "demo/**"), ("MessageBus:Channels:0:Subscribe", "authenticated"));
        await using var playground = new PlaygroundPage(await chromium.OpenAsync(gateway.Http));
        var token = playground.Page.GetByTestId("token-input");
        await Expect(token).ToBeFocusedAsync();

        await SignInAsync(Tokens.For("alice", TimeSpan.FromHours(-1)));
        await Expect(playground.Page.GetByTestId("token-error")).ToContainTextAsync("invalid or has expired");
        await SignInAsync(Tokens.For("alice"));

        await Expect(playground.State).ToHaveTextAsync("Connected");
        await playground.ExpectLiveAsync("demo/hello");
        await Expect(playground.Page.GetByTestId("state-detail")).ToHaveTextAsync("Signed in as alice");
        await Expect(token).ToBeHiddenAsync();
        Assert.DoesNotContain("ey", playground.Page.Url, StringComparison.Ordinal);

        async Task SignInAsync(string text)
        {
            await token.FillAsync(text);
            await playground.Page.GetByTestId("token-button").ClickAsync();
        }
    }
}
