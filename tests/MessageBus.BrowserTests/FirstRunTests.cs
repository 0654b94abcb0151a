using System.Text.RegularExpressions;
using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;
using static Microsoft.Playwright.Assertions;

namespace MessageBus.BrowserTests;

/// <summary>What somebody meets who has just cloned the repository and has no Redis.</summary>
[Collection(Chromium.Pages)]
public sealed partial class FirstRunTests(Chromium chromium)
{
    [Fact]
    public async Task The_printed_redis_cli_line_shows_in_the_page_of_the_printed_address()
    {
        await using var gateway = await StartAsync();
        await using var playground = await chromium.OpenPlaygroundAsync(gateway.Page);

        var receivers = await RunInShellAsync(gateway.RedisLine);

        Assert.Equal("1", receivers);
        await playground.ExpectNewestAsync("demo/hello", "Hello from Redis");
        await Expect(playground.Messages.Locator("time")).ToHaveTextAsync(Clock());
        await Expect(playground.Messages).ToHaveCountAsync(1);
        Assert.Empty(playground.Complaints);
    }

    [Fact]
    public async Task What_the_page_publishes_arrives_at_redis_cli()
    {
        await using var gateway = await StartAsync();
        await using var playground = await chromium.OpenPlaygroundAsync(gateway.Page);
        await using var terminal = await RedisCli.SubscribeAsync(PortOf(gateway.RedisLine), "orders/42");

        await playground.PublishAsync("orders/42", "from the browser");

        Assert.Equal(["message", "orders/42", "from the browser"], await terminal.ReadLinesAsync(3));
        Assert.Empty(playground.Complaints);
    }

    private static Task<GatewayProcess> StartAsync() =>
        GatewayProcess.StartAsync("http://127.0.0.1:0", ("ConnectionStrings__Redis", ""), ("MessageBus__EmbeddedPort", $"{FreePort.Next()}"));

    private static async Task<string> RunInShellAsync(string line) =>
        (await InstalledTool.RunAsync("sh", "apt-get install dash", ["-c", line])).Trim();

    private static int PortOf(string redisLine) => int.Parse(Port().Match(redisLine).Groups[1].ValueSpan, provider: null);

    [GeneratedRegex("-p (\\d+) ")]
    private static partial Regex Port();

    [GeneratedRegex("^\\d\\d:\\d\\d:\\d\\d\\.\\d\\d\\d$")]
    private static partial Regex Clock();
}
