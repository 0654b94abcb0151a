using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MessageBus.BrowserTests;

/// <summary>What can be done with the console page.</summary>
[Collection(Chromium.Pages)]
public sealed class ConsolePageTests(Chromium chromium)
{
    [Fact]
    public async Task Markup_in_channel_names_and_payloads_is_shown_as_text()
    {
        const string Channel = "<b>news</b>&amp;<script>alert(1)</script>";
        const string Payload = "<img src=x onerror=alert(1)><b>bold</b> &lt;</span></li><script>alert(2)</script>";
        await using var gateway = GatewayApp.Start();
        await using var console = await chromium.OpenConsoleAsync(gateway.Http);
        await console.SubscribeAsync(Channel);

        await console.PublishAsync(Channel, Payload);

        await console.ExpectNewestAsync(Channel, Payload);
        await Expect(console.Page.Locator("b, img, main script")).ToHaveCountAsync(0);
        Assert.Empty(console.Complaints);
    }

    [Fact]
    public async Task Filter_shows_what_matches_in_channel_or_payload()
    {
        await using var gateway = GatewayApp.Start();
        await using var console = await chromium.OpenConsoleAsync(gateway.Http);
        await console.SubscribeAsync("orders/42");
        await console.PublishAsync("orders/42", "paid");
        await console.PublishAsync("demo/hello", "An ORDER came in");
        await console.PublishAsync("demo/hello", "something else");

        await console.Filter.FillAsync("order");
        await Expect(console.Payloads).ToHaveTextAsync(["An ORDER came in", "paid"]);
        await console.PublishAsync("orders/42", "shipped");
        await console.PublishAsync("demo/hello", "not this one");
        await Expect(console.Payloads).ToHaveTextAsync(["shipped", "An ORDER came in", "paid"]);
        await console.Filter.FillAsync("");

        await Expect(console.Payloads).ToHaveTextAsync(["not this one", "shipped", "something else", "An ORDER came in", "paid"]);
    }

    [Fact]
    public async Task Pause_holds_the_list_and_resume_shows_what_came_meanwhile()
    {
        await using var gateway = GatewayApp.Start();
        await using var console = await chromium.OpenConsoleAsync(gateway.Http);
        await console.PublishAsync("demo/hello", "before");
        await Expect(console.Payloads).ToHaveTextAsync(["before"]);

        await console.Pause.ClickAsync();
        await console.PublishAsync("demo/hello", "one");
        await console.PublishAsync("demo/hello", "two");
        await Expect(console.Pause).ToHaveTextAsync("Resume (2 new)");
        await Expect(console.Payloads).ToHaveTextAsync(["before"]);
        await console.Pause.ClickAsync();

        await Expect(console.Payloads).ToHaveTextAsync(["two", "one", "before"]);
        await Expect(console.Pause).ToHaveTextAsync("Pause");
    }

    [Fact]
    public async Task Clear_empties_the_list_and_the_next_message_is_shown()
    {
        await using var gateway = GatewayApp.Start();
        await using var console = await chromium.OpenConsoleAsync(gateway.Http);
        await console.PublishAsync("demo/hello", "old");
        await Expect(console.Payloads).ToHaveTextAsync(["old"]);

        await console.Page.GetByTestId("clear").ClickAsync();
        await Expect(console.Messages).ToHaveCountAsync(0);
        await Expect(console.Page.GetByText("Nothing yet.")).ToBeVisibleAsync();
        await console.PublishAsync("demo/hello", "new");

        await Expect(console.Payloads).ToHaveTextAsync(["new"]);
    }

    [Fact]
    public async Task Copied_line_publishes_to_the_current_channel_also_where_its_name_means_something_to_a_shell()
    {
        const string Channel = "it's/$HOME;\"#<42>|&";
        await using var gateway = GatewayApp.Start();
        await using var console = await chromium.OpenConsoleAsync(gateway.Http, new() { Permissions = ["clipboard-read", "clipboard-write"] });
        await console.SubscribeAsync(Channel);
        await Expect(console.RedisLine).ToContainTextAsync("42");

        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Copy the line that publishes" }).ClickAsync();
        await Expect(console.Page.GetByText("Copied")).ToBeVisibleAsync();
        var line = await console.Page.EvaluateAsync<string>("navigator.clipboard.readText()");
        await InstalledTool.RunAsync("sh", "apt-get install dash", ["-c", line]);

        Assert.StartsWith($"redis-cli -p {gateway.EmbeddedPort} PUBLISH ", line, StringComparison.Ordinal);
        await console.ExpectNewestAsync(Channel, "Hello from a terminal");
    }

    [Fact]
    public async Task Bad_channel_name_shows_what_the_gateway_says_about_it()
    {
        await using var gateway = GatewayApp.Start();
        await using var console = await chromium.OpenConsoleAsync(gateway.Http);

        await console.ChannelInput.FillAsync("orders/*");
        await console.ChannelInput.PressAsync("Enter");
        await Expect(console.ChannelError).ToContainTextAsync("orders/*: ");
        await Expect(console.ChannelRow("orders/*")).ToHaveCountAsync(0);
        await console.TryPublishAsync("orders/*", "text");
        await Expect(console.PublishResult).ToContainTextAsync("bad_channel: ");
        await console.SubscribeAsync("orders/42");

        await Expect(console.ChannelError).ToBeEmptyAsync();
        Assert.Empty(console.Complaints);
    }

    [Fact]
    public async Task Channels_are_there_again_when_the_page_is_loaded_again()
    {
        await using var gateway = GatewayApp.Start();
        await using var console = await chromium.OpenConsoleAsync(gateway.Http);
        await console.SubscribeAsync("orders/42");

        await console.ReloadAsync();
        await console.ExpectLiveAsync("orders/42");
        await console.PublishAsync("orders/42", "still here");

        await console.ExpectNewestAsync("orders/42", "still here");
    }
}
