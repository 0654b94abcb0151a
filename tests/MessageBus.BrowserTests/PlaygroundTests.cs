using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MessageBus.BrowserTests;

/// <summary>What can be done with the playground.</summary>
[Collection(Chromium.Pages)]
public sealed class PlaygroundTests(Chromium chromium)
{
    [Fact]
    public async Task Markup_in_channel_names_and_payloads_is_shown_as_text()
    {
        const string Channel = "<b>news</b>&amp;<script>alert(1)</script>";
        const string Payload = "<img src=x onerror=alert(1)><b>bold</b> &lt;</span></li><script>alert(2)</script>";
        await using var gateway = GatewayApp.Start();
        await using var playground = await chromium.OpenPlaygroundAsync(gateway.Http);
        await playground.SubscribeAsync(Channel);

        await playground.PublishAsync(Channel, Payload);

        await playground.ExpectNewestAsync(Channel, Payload);
        await Expect(playground.Page.Locator("b, img, main script")).ToHaveCountAsync(0);
        Assert.Empty(playground.Complaints);
    }

    [Fact]
    public async Task Filter_shows_what_matches_in_channel_or_payload()
    {
        await using var gateway = GatewayApp.Start();
        await using var playground = await chromium.OpenPlaygroundAsync(gateway.Http);
        await playground.SubscribeAsync("orders/42");
        await playground.PublishAsync("orders/42", "paid");
        await playground.PublishAsync("demo/hello", "An ORDER came in");
        await playground.PublishAsync("demo/hello", "something else");

        await playground.Filter.FillAsync("order");
        await Expect(playground.Payloads).ToHaveTextAsync(["An ORDER came in", "paid"]);
        await playground.PublishAsync("orders/42", "shipped");
        await playground.PublishAsync("demo/hello", "not this one");
        await Expect(playground.Payloads).ToHaveTextAsync(["shipped", "An ORDER came in", "paid"]);
        await playground.Filter.FillAsync("");

        await Expect(playground.Payloads).ToHaveTextAsync(["not this one", "shipped", "something else", "An ORDER came in", "paid"]);
    }

    [Fact]
    public async Task Pause_holds_the_list_and_resume_shows_what_came_meanwhile()
    {
        await using var gateway = GatewayApp.Start();
        await using var playground = await chromium.OpenPlaygroundAsync(gateway.Http);
        await playground.PublishAsync("demo/hello", "before");
        await Expect(playground.Payloads).ToHaveTextAsync(["before"]);

        await playground.Pause.ClickAsync();
        await playground.PublishAsync("demo/hello", "one");
        await playground.PublishAsync("demo/hello", "two");
        await Expect(playground.Pause).ToHaveTextAsync("Resume (2 new)");
        await Expect(playground.Payloads).ToHaveTextAsync(["before"]);
        await playground.Pause.ClickAsync();

        await Expect(playground.Payloads).ToHaveTextAsync(["two", "one", "before"]);
        await Expect(playground.Pause).ToHaveTextAsync("Pause");
    }

    [Fact]
    public async Task Clear_empties_the_list_and_the_next_message_is_shown()
    {
        await using var gateway = GatewayApp.Start();
        await using var playground = await chromium.OpenPlaygroundAsync(gateway.Http);
        await playground.PublishAsync("demo/hello", "old");
        await Expect(playground.Payloads).ToHaveTextAsync(["old"]);

        await playground.Page.GetByTestId("clear").ClickAsync();
        await Expect(playground.Messages).ToHaveCountAsync(0);
        await Expect(playground.Page.GetByText("No messages yet.")).ToBeVisibleAsync();
        await playground.PublishAsync("demo/hello", "new");

        await Expect(playground.Payloads).ToHaveTextAsync(["new"]);
    }

    [Fact]
    public async Task Copied_line_publishes_to_the_current_channel_also_where_its_name_means_something_to_a_shell()
    {
        const string Channel = "it's/$HOME;\"#<42>|&";
        await using var gateway = GatewayApp.Start();
        await using var playground = await chromium.OpenPlaygroundAsync(gateway.Http, new() { Permissions = ["clipboard-read", "clipboard-write"] });
        await playground.SubscribeAsync(Channel);
        await Expect(playground.RedisLine).ToContainTextAsync("42");

        await playground.Page.GetByRole(AriaRole.Button, new() { Name = "Copy the line that publishes" }).ClickAsync();
        await Expect(playground.Page.GetByText("Copied")).ToBeVisibleAsync();
        var line = await playground.Page.EvaluateAsync<string>("navigator.clipboard.readText()");
        await InstalledTool.RunAsync("sh", "apt-get install dash", ["-c", line]);

        Assert.StartsWith($"redis-cli -p {gateway.EmbeddedPort} PUBLISH ", line, StringComparison.Ordinal);
        await playground.ExpectNewestAsync(Channel, "Hello from a terminal");
    }

    [Fact]
    public async Task Bad_channel_name_shows_what_the_gateway_says_about_it()
    {
        await using var gateway = GatewayApp.Start();
        await using var playground = await chromium.OpenPlaygroundAsync(gateway.Http);

        await playground.ChannelInput.FillAsync("orders/*");
        await playground.ChannelInput.PressAsync("Enter");
        await Expect(playground.ChannelError).ToContainTextAsync("orders/*: ");
        await Expect(playground.ChannelRow("orders/*")).ToHaveCountAsync(0);
        await playground.TryPublishAsync("orders/*", "text");
        await Expect(playground.PublishResult).ToContainTextAsync("bad_channel: ");
        await playground.SubscribeAsync("orders/42");

        await Expect(playground.ChannelError).ToBeEmptyAsync();
        Assert.Empty(playground.Complaints);
    }

    [Fact]
    public async Task Channels_are_there_again_when_the_page_is_loaded_again()
    {
        await using var gateway = GatewayApp.Start();
        await using var playground = await chromium.OpenPlaygroundAsync(gateway.Http);
        await playground.SubscribeAsync("orders/42");

        await playground.ReloadAsync();
        await playground.ExpectLiveAsync("orders/42");
        await playground.PublishAsync("orders/42", "still here");

        await playground.ExpectNewestAsync("orders/42", "still here");
    }
}
