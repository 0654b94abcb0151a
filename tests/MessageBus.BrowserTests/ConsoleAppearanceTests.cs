using System.Text;
using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MessageBus.BrowserTests;

/// <summary>How the operators' console looks. The pictures are in <c>screenshots</c> beside the tests' program.</summary>
[Collection(Chromium.Pages)]
public sealed class ConsoleAppearanceTests(Chromium chromium)
{
    /// <summary>The file to write the picture of src/docs/operations.md to, if set. Its charts must fill first, which takes a while.</summary>
    private const string PictureVariable = "MESSAGEBUS_CONSOLE_SCREENSHOT";

    private static readonly TimeSpan TimeForPicture = TimeSpan.FromSeconds(75);

    private static readonly string? Picture = Environment.GetEnvironmentVariable(PictureVariable) is { Length: > 0 } path ? path : null;

    [Fact]
    public async Task Nothing_stands_out_at_the_side_or_is_cut_on_a_phone_and_text_is_told_from_its_background()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        (string, string)[] settings = [("MessageBus:Jwt:Secret", Tokens.Secret), ("MessageBus:Cluster:ReportInterval", "00:00:00.3"), ("MessageBus:Limits:PingInterval", "00:10:00")];
        await using var gateway = GatewayApp.Start(redis, settings);
        await using var other = GatewayApp.Start(redis, settings);
        var clients = await ConnectAsync(gateway);
        await using var page = await chromium.OpenConsoleAsync(gateway.Http);
        await Expect(page.Verdict).ToContainTextAsync("All is well: 2 gateways");
        await Expect(page.Connections).ToHaveCountAsync(clients.Count);
        await page.Page.GetByTestId("tap-channel").FillAsync("chat/lobby");
        await page.Page.GetByTestId("tap-button").ClickAsync();
        await Expect(page.TapState).ToHaveTextAsync("Tapping chat/lobby.");
        using var backend = new RespConnection(redis.Port);
        await PublishAsync(backend, Picture is null ? TimeSpan.Zero : TimeForPicture);
        await Expect(page.TapPayloads.First).ToHaveTextAsync("Ben: looks good, thanks!");

        // The second answer makes the first point of a chart.
        await Expect(page.Page.GetByTestId("tile-connections").Locator(".tile-value")).ToHaveTextAsync($"{clients.Count}");

        await PageLooks.ExpectGoodAsync(page.Page, texts: 50, (scheme, width) => TakePicturesAsync(page, scheme, width));
        await page.Page.SetViewportSizeAsync(360, 800);
        Assert.Empty(await page.Page.EvaluateAsync<string[]>("[...document.querySelectorAll('.rows bdi')].filter(name => name.scrollWidth > name.clientWidth).map(name => name.textContent)"));
        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
    }

    private static async Task TakePicturesAsync(ConsolePage page, ColorScheme scheme, int width)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "screenshots");
        Directory.CreateDirectory(folder);
        await page.TakePictureAsync(Path.Combine(folder, $"console-{width}-{scheme}.png".ToLowerInvariant()), whole: true);
        if (Picture is not null && (width, scheme) is (1280, ColorScheme.Light))
        {
            await page.Page.EvaluateAsync("scrollTo(0, 0)");
            await page.TakePictureAsync(Picture, whole: false);
        }
    }

    private static async Task<List<BusClient>> ConnectAsync(GatewayApp gateway)
    {
        (string User, string[] Channels)[] users =
        [
            ("anna", ["chat/lobby", "orders/1042"]), ("ben", ["chat/lobby", "prices/EUR-USD"]), ("maria.keller@example.com", ["prices/EUR-USD"]),
            ("front-desk", ["visitor-management/arrival/42", "visitor-management/arrival/43", "chat/lobby", "orders/1042", "orders/1043"]),
            ("8d1f7c6e-35f6-4f5b-9b67-0f0a5d1c4e11", [$"a/very/long/channel/name/{new string('x', 150)}"]), ("anna", ["user/anna"]),
        ];
        var clients = new List<BusClient>();
        foreach (var (user, channels) in users)
        {
            var client = await BusClient.OpenAsync(gateway.Bus);
            await client.ConnectWithAsync(Tokens.For(user));
            foreach (var channel in channels)
            {
                await client.SubscribeAsync(channel);
            }

            client.ForgetReceived();
            clients.Add(client);
        }

        return clients;
    }

    /// <summary>A little of everything, for so long; the last one comes last.</summary>
    private static async Task PublishAsync(RespConnection backend, TimeSpan time)
    {
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        for (var tick = 0; tick < time / ticks.Period; tick++)
        {
            var prices = 3 + (int)(3 * Math.Sin(tick / 40.0)) + (tick % 3);
            await backend.PublishAsync(Enumerable.Repeat(("prices/EUR-USD", "1.0842"u8.ToArray()), prices).Append(("orders/1042", "{}"u8.ToArray())));
            await ticks.WaitForNextTickAsync();
        }

        string[] lines = ["Anna: the new build is on staging", """{"typing":"ben"}""", "Ben: looks good, thanks!"];
        await backend.PublishAsync(lines.Select(line => ("chat/lobby", Encoding.UTF8.GetBytes(line))));
    }
}
