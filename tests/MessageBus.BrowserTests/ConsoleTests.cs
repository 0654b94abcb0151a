using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MessageBus.BrowserTests;

/// <summary>What an operator does at /console.</summary>
[Collection(Chromium.Pages)]
public sealed class ConsoleTests(Chromium chromium)
{
    private const string Key = "key-of-the-night-shift-of-the-tests";
    private const string Hostile = "<img src=x onerror=alert(1)>&amp;";

    private static readonly (string, string)[] Settings =
    [
        .. Keys.Settings, ("MessageBus:ApiKeys:3:Name", "night-shift"), ("MessageBus:ApiKeys:3:Key", Key), ("MessageBus:ApiKeys:3:Scopes", "publish|read|admin"),
        ("MessageBus:Jwt:Secret", Tokens.Secret), ("MessageBus:Cluster:ReportInterval", "00:00:00.3"),
    ];

    [Fact]
    public async Task Wrong_key_is_refused_in_words_and_the_right_one_is_kept_nowhere()
    {
        await using var gateway = GatewayApp.Start(Settings);
        await using var page = await chromium.OpenConsoleAsync(gateway.Http);
        await Expect(page.Key).ToBeFocusedAsync();
        Assert.Empty(page.Complaints);

        await page.Key.FillAsync("wrong");
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.KeyError).ToHaveTextAsync("The API key is not accepted.");
        await page.Key.FillAsync(Keys.Publish);
        await page.Page.GetByTestId("sign-in").ClickAsync();
        await Expect(page.KeyError).ToContainTextAsync("This key has only the scope publish.");
        await page.SignInAsync(Key);

        await Expect(page.Verdict).ToContainTextAsync("All is well: 1 gateway");
        await Expect(page.Page.GetByTestId("key-name")).ToHaveTextAsync("night-shift");
        await Expect(page.Key).ToBeHiddenAsync();
        Assert.Equal("0 0 ", await page.Page.EvaluateAsync<string>("`${localStorage.length} ${sessionStorage.length} ${document.cookie}`"));
        await page.Page.ReloadAsync();
        await Expect(page.Key).ToBeFocusedAsync();
        await Expect(page.Verdict).ToBeHiddenAsync();
        // The browser itself tells of the one answer.
        Assert.NotEmpty(page.Complaints);
        Assert.All(page.Complaints, complaint => Assert.Contains("401", complaint, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Operator_finds_a_connection_and_disconnects_it_and_publishes_and_looks_without_a_mouse()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis, Settings);
        await using var other = GatewayApp.Start(redis, Settings);
        await using var anna = await ConnectAsync(gateway, "anna", "orders/42");
        await using var ben = await ConnectAsync(gateway, "ben", "orders/42");
        await using var benElsewhere = await ConnectAsync(other, "ben");
        await using var page = await chromium.OpenConsoleAsync(gateway.Http);
        var keyboard = page.Page.Keyboard;
        var deletions = new ConcurrentQueue<string>();
        page.Page.Request += (_, request) =>
        {
            if (request.Method is "DELETE")
            {
                deletions.Enqueue(new Uri(request.Url).AbsolutePath);
            }
        };

        await Expect(page.Key).ToBeFocusedAsync();
        await keyboard.TypeAsync(Key);
        await keyboard.PressAsync("Enter");
        await Expect(page.Verdict).ToContainTextAsync("All is well: 2 gateways");
        await Expect(page.Connections).ToHaveCountAsync(2);

        // Found, and not disconnected by a mistake.
        await page.Page.TabToAsync("filter-user");
        await keyboard.TypeAsync("ben");
        await Expect(page.ConnectionTotal).ToContainTextAsync("1 match on ");
        await page.Page.TabToAsync("Disconnect user ben");
        await keyboard.PressAsync("Enter");
        await Expect(page.Page.GetByTestId("confirm-cancel")).ToBeFocusedAsync();
        await keyboard.PressAsync("Escape");
        await Expect(page.Confirm).ToBeHiddenAsync();
        await Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Disconnect user ben" })).ToBeFocusedAsync();
        await keyboard.PressAsync("Enter");
        await page.Page.TabToAsync("confirm-all");
        await page.Page.TabToAsync("confirm-one");
        await keyboard.PressAsync("Enter");
        Assert.Equal(4403, await ben.ExpectCloseAsync());
        await Expect(page.Notice).ToContainTextAsync("is disconnected.");
        await Expect(page.Connections).ToHaveCountAsync(0);
        Assert.NotEqual("BODY", await page.Page.EvaluateAsync<string>("document.activeElement.tagName"));

        // A look at a channel, and something published to it from here and from a backend.
        await page.Page.TabToAsync("tap-channel");
        await keyboard.TypeAsync("orders/42");
        await keyboard.PressAsync("Enter");
        await Expect(page.TapState).ToHaveTextAsync("Tapping orders/42.");
        await page.Page.TabToAsync("publish-channel");
        await keyboard.TypeAsync("orders/42");
        await page.Page.TabToAsync("publish-payload");
        await keyboard.TypeAsync("from the night shift");
        await keyboard.PressAsync("Control+Enter");
        Assert.Equal("from the night shift", await anna.ExpectTextAsync("orders/42"));
        await Expect(page.PublishResult).ToHaveTextAsync("Published to orders/42. 2 subscribers on this gateway; other gateways count their own.");
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "orders/42", "from a backend");
        await Expect(page.TapPayloads).ToHaveTextAsync(["from a backend", "from the night shift"]);

        // A user, wherever they are.
        await page.Page.TabToAsync("disconnect-who");
        await keyboard.TypeAsync("ben");
        await keyboard.PressAsync("Enter");
        await page.Page.TabToAsync("confirm-all");
        await keyboard.PressAsync("Enter");
        Assert.Equal(4403, await benElsewhere.ExpectCloseAsync());
        await Expect(page.Notice).ToHaveTextAsync("0 connections of ben closed on this gateway; the request was sent to the others.");

        // What was not confirmed was not done.
        Assert.Collection(deletions, path => Assert.StartsWith("/api/connections/c-", path, StringComparison.Ordinal), path => Assert.Equal("/api/users/ben/connections", path));
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Names_and_payloads_of_clients_are_shown_as_text()
    {
        const string Reversed = "\u202Enimda";
        await using var gateway = GatewayApp.Start(Settings);
        await using var client = await ConnectAsync(gateway, Hostile, "<b>news</b>&amp;<script>alert(2)</script>");
        await using var reversed = await ConnectAsync(gateway, Reversed);
        await using var page = await chromium.OpenConsoleAsync(gateway.Http);
        var dialogs = new ConcurrentQueue<Task>();
        page.Page.Dialog += (_, dialog) => dialogs.Enqueue(dialog.DismissAsync());
        await page.SignInAsync(Key);

        await Expect(page.Connections.Locator("td.name")).ToHaveTextAsync(["\u27E8U+202E\u27E9nimda", Hostile]);
        await Expect(page.Connections.Locator(".chip")).ToHaveTextAsync(["<b>news</b>&amp;<script>alert(2)</script>"]);
        await page.Channels.GetByRole(AriaRole.Button, new() { Name = "Tap" }).ClickAsync();
        await Expect(page.TapState).ToContainTextAsync("Tapping <b>news</b>");
        using var backend = new RespConnection(gateway.EmbeddedPort);
        await backend.PublishAsync("<b>news</b>&amp;<script>alert(2)</script>", "<iframe src=javascript:alert(3)></iframe>"u8.ToArray());
        await backend.PublishAsync("<b>news</b>&amp;<script>alert(2)</script>", [0xFF, 0x00]);
        await Expect(page.TapPayloads).ToHaveTextAsync(["/wA=", "<iframe src=javascript:alert(3)></iframe>"]);
        await page.Connections.Last.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Confirm).ToContainTextAsync($"Disconnect {Hostile}?");

        await Expect(page.Page.Locator("main b, main img, main script, main iframe, dialog img")).ToHaveCountAsync(0);
        Assert.Empty(dialogs);
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Read_only_key_shows_everything_and_names_the_scopes_it_lacks()
    {
        await using var gateway = GatewayApp.Start(Settings);
        await using var client = await ConnectAsync(gateway, "anna", "orders/42");
        await using var page = await chromium.OpenConsoleAsync(gateway.Http);
        await page.SignInAsync(Keys.Read);

        await Expect(page.Connections.Locator("td.name")).ToHaveTextAsync(["anna"]);
        await Expect(page.Channels.Locator("td.name")).ToHaveTextAsync(["orders/42"]);
        foreach (var what in new[] { "tap-button", "publish-button", "disconnect-button" })
        {
            await Expect(page.Page.GetByTestId(what)).ToBeDisabledAsync();
        }

        foreach (var button in await page.Page.Locator(".connection-rows button, .channel-rows button").AllAsync())
        {
            await Expect(button).ToBeDisabledAsync();
        }

        await Expect(page.Page.GetByText("requires the scope")).ToHaveCountAsync(3);
        await page.Page.GetByTestId("sign-out").ClickAsync();
        await Expect(page.Key).ToBeFocusedAsync();
        await Expect(page.Connections).ToHaveCountAsync(0);
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Verdict_names_the_problem()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis, Settings);
        await using var other = await GatewayProcess.StartAsync("http://127.0.0.1:0", ("ConnectionStrings__Redis", redis.Endpoint), ("MessageBus__Cluster__ReportInterval", "00:00:00.3"));
        await using var page = await chromium.OpenConsoleAsync(gateway.Http);
        await page.SignInAsync(Key);
        await Expect(page.Verdict).ToContainTextAsync("All is well: 2 gateways");

        await other.KillAsync();
        await Expect(page.Verdict).ToContainTextAsync("1 gateway missing: ");
        await Expect(page.Gateways.Last).ToContainTextAsync("Missing, last report");
        await redis.KillAsync();
        await Expect(page.Verdict).ToContainTextAsync("Redis is unavailable: nothing is delivered");
        await page.Page.GetByTestId("publish-channel").FillAsync("orders/42");
        await page.Page.GetByTestId("publish-button").ClickAsync();
        await Expect(page.PublishResult).ToContainTextAsync("The gateway cannot reach its broker.");
        await redis.RestartAsync();

        await Expect(page.Verdict).ToContainTextAsync("1 gateway missing: ");
        Assert.All(page.Complaints, complaint => Assert.Contains("503", complaint, StringComparison.Ordinal));
        await gateway.DisposeAsync();
        await Expect(page.Verdict).ToHaveTextAsync(new Regex("^The gateway does not answer. The data below is from \\d\\d:\\d\\d:\\d\\d.$"));
    }

    [Fact]
    public async Task Long_lists_are_filtered_by_the_gateway()
    {
        await using var gateway = GatewayApp.Start(Settings);
        var clients = new List<BusClient>();
        for (var n = 0; n < 55; n++)
        {
            clients.Add(await ConnectAsync(gateway, $"user-{n}", "all", $"only/{n}", "third"));
        }

        await using var page = await chromium.OpenConsoleAsync(gateway.Http);
        await page.SignInAsync(Key);
        await Expect(page.ConnectionTotal).ToContainTextAsync("50 of 55 connections on ");
        await Expect(page.Connections).ToHaveCountAsync(50);
        await Expect(page.Page.GetByTestId("channel-total")).ToContainTextAsync("50 of 57 channels on ");

        await page.Page.GetByTestId("filter-channel").FillAsync("only/7");
        await Expect(page.Connections.Locator("td.name")).ToHaveTextAsync(["user-7"]);
        await page.Connections.Locator("summary").ClickAsync();
        await Expect(page.Connections.Locator(".chip")).ToHaveTextAsync(["all", "only/7", "third"], new() { UseInnerText = true });
        await page.Page.GetByTestId("filter-channel").FillAsync("only/*");
        await Expect(page.Page.Locator("#connection-error")).ToContainTextAsync("patterns are not supported");
        await page.Page.GetByTestId("filter-channel").FillAsync("");
        await Expect(page.Connections).ToHaveCountAsync(50);
        await page.Page.GetByTestId("filter-prefix").FillAsync("only/1");
        await Expect(page.Channels).ToHaveCountAsync(11);
        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Development_without_keys_needs_no_sign_in_and_charts_have_a_text()
    {
        await using var gateway = GatewayApp.Start();
        await using var client = await BusClient.ConnectAsync(gateway.Bus, "a");
        await using var page = await chromium.OpenConsoleAsync(gateway.Http);

        var connections = page.Page.GetByTestId("tile-connections");
        await Expect(connections.GetByRole(AriaRole.Img)).ToHaveAttributeAsync("aria-label", new Regex("^Connections over the last \\d+ s: now 1, lowest 1, highest 1$"));
        await Expect(connections.Locator(".tile-value")).ToHaveTextAsync("1");

        // Something is drawn, and not only the frame.
        Assert.True(await connections.Locator("canvas").EvaluateAsync<bool>(
            """
            canvas => {
              const { data } = canvas.getContext('2d').getImageData(0, 2, canvas.width, canvas.height - 4);
              return data.some((value, index) => index % 4 === 3 && value > 0);
            }
            """));
        Assert.Empty(page.Complaints);
    }

    [Fact]
    public async Task Page_on_hold_sends_no_requests_and_keeps_its_data()
    {
        await using var gateway = GatewayApp.Start();
        await using var client = await BusClient.ConnectAsync(gateway.Bus, "a");
        await using var page = await chromium.OpenConsoleAsync(gateway.Http, beforeOpening: async window =>
        {
            await window.Clock.InstallAsync();
            await window.AddInitScriptAsync(
                """
                const ask = fetch;
                globalThis.questions = { asked: 0, open: 0 };
                globalThis.fetch = (...question) => {
                  questions.asked++;
                  questions.open++;
                  return ask(...question).finally(() => questions.open--);
                };
                """);
        });
        await Expect(page.Connections).ToHaveCountAsync(1);

        await page.Page.GetByTestId("hold").ClickAsync();
        await Expect(page.Verdict).ToHaveTextAsync(new Regex("^On hold since \\d\\d:\\d\\d:\\d\\d. All is well: 1 gateway"));
        await Eventually.TrueAsync(() => page.Page.EvaluateAsync<bool>("questions.open === 0"), "what was asked before is answered");
        var asked = await page.Page.EvaluateAsync<int>("questions.asked");
        await client.CloseAsync();
        await Eventually.TrueAsync(async () => (await gateway.GetJsonAsync("/api/connections")).GetArrayLength() is 0, "the client is gone");
        await page.Page.Clock.RunForAsync(10_000);

        Assert.Equal(asked, await page.Page.EvaluateAsync<int>("questions.asked"));
        await Expect(page.Connections).ToHaveCountAsync(1);
        await page.Page.GetByTestId("hold").ClickAsync();
        await Expect(page.Connections).ToHaveCountAsync(0);
        await Expect(page.Verdict).ToContainTextAsync("All is well: 1 gateway");
        await Expect(page.Verdict).Not.ToContainTextAsync("On hold");
    }

    [Fact]
    public async Task Event_stream_is_parsed_wherever_it_is_split()
    {
        await using var gateway = GatewayApp.Start();
        await using var page = await chromium.OpenConsoleAsync(gateway.Http);

        var read = await page.Page.EvaluateAsync<string[]>(
            """
            async () => {
              const { EventReader } = await import('/console/event-stream.js');
              const text = ': comment\nevent: one\ndata: 1\r\n\r\ndata:two\rdata: lines: 2\r\rid: 7\n\nevent: none\n\ndata\n\nevent: last\r\ndata: ü\r\n\r\nevent: never finished\ndata: x\n';
              const ways = [[text], [...text], text.match(/.{1,3}/gs)];
              return ways.map(parts => {
                const reader = new EventReader();
                return JSON.stringify(parts.flatMap(part => reader.take(part)));
              });
            }
            """);

        Assert.All(read, events => Assert.Equal(
            """[{"type":"one","data":"1"},{"type":"message","data":"two\nlines: 2"},{"type":"message","data":""},{"type":"last","data":"ü"}]""", events));
    }

    private static async Task<BusClient> ConnectAsync(GatewayApp gateway, string user, params string[] channels)
    {
        var client = await BusClient.OpenAsync(gateway.Bus);
        await client.ConnectWithAsync(Tokens.For(user));
        foreach (var channel in channels)
        {
            await client.SubscribeAsync(channel);
        }

        return client;
    }
}
