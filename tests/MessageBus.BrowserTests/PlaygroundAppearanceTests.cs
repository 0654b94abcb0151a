using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MessageBus.BrowserTests;

/// <summary>How the playground looks.</summary>
[Collection(Chromium.Pages)]
public sealed class PlaygroundAppearanceTests(Chromium chromium)
{
    /// <summary>The file to write the picture of README.md to, if set.</summary>
    private const string PictureVariable = "MESSAGEBUS_PLAYGROUND_SCREENSHOT";

    [Fact]
    public async Task Nothing_stands_out_at_the_side_and_text_is_told_from_its_background()
    {
        var channel = $"a/very/long/channel/name/{new string('x', 150)}";
        await using var gateway = GatewayApp.Start();
        await using var playground = await chromium.OpenPlaygroundAsync(gateway.Http);
        await playground.SubscribeAsync(channel);
        await playground.PublishAsync(channel, new string('y', 2_000));
        await playground.PublishAsync("demo/hello", "short\nand\nlong");
        await Expect(playground.Messages).ToHaveCountAsync(2);

        await PageLooks.ExpectGoodAsync(playground.Page, texts: 20);
    }

    [Fact]
    public async Task Page_shows_messages_of_several_channels()
    {
        // Port 6380, or the next free one, so that the picture shows what a first run shows.
        await using var gateway = GatewayApp.Start(("MessageBus:EmbeddedPort", "6380"));
        await using var playground = await chromium.OpenPlaygroundAsync(gateway.Http, new()
        {
            ColorScheme = ColorScheme.Light,
            ViewportSize = new() { Width = 1280, Height = 800 },
            DeviceScaleFactor = 1,
        });
        (string Channel, string Payload)[] publications =
        [
            ("demo/hello", "Hello from Redis"),
            ("orders/1042", """{"state":"placed","items":3,"total":"84.90"}"""),
            ("visitor-management/arrival/42", """{"visitor":"Maria Keller","host":"Brandt","gate":2}"""),
            ("prices/EUR-USD", "1.0842"),
            ("prices/EUR-USD", "1.0844"),
            ("orders/1042", """{"state":"paid","method":"card"}"""),
            ("chat/lobby", "Anna: the new build is on staging"),
            ("chat/lobby", "Ben: looks good, thanks!"),
            ("prices/EUR-USD", "1.0843"),
            ("visitor-management/arrival/42", """{"visitor":"Maria Keller","badge":"printed"}"""),
            ("orders/1042", """{"state":"shipped","carrier":"DHL"}"""),
            ("demo/hello", "Hello from the playground"),
        ];
        foreach (var channel in publications.Select(publication => publication.Channel).Distinct())
        {
            await playground.SubscribeAsync(channel);
        }

        using var backend = new RespConnection(gateway.EmbeddedPort);
        foreach (var (channel, payload) in publications.SkipLast(1))
        {
            await backend.PublishAsync(channel, System.Text.Encoding.UTF8.GetBytes(payload));
            await playground.ExpectNewestAsync(channel, payload);
        }

        await playground.PublishAsync(publications[^1].Channel, publications[^1].Payload);
        await playground.SelectAsync(publications[^1].Channel);

        await Expect(playground.Payloads).ToHaveTextAsync(publications.Reverse().Select(publication => publication.Payload));
        await playground.TakePictureIfWantedAsync(PictureVariable);
    }
}
