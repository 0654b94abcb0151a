using System.Collections.Concurrent;
using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;
using Microsoft.Playwright;

namespace MessageBus.BrowserTests;

/// <summary>The playground of a gateway that has a real Redis behind it.</summary>
[Collection(Chromium.Client)]
public sealed class RedisTests(Chromium chromium)
{
    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Page_and_redis_hear_each_other(string scheme)
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var playground = await chromium.OpenPlaygroundAsync(scheme is "https" ? gateway.Https : gateway.Http);
        await using var terminal = await RedisCli.SubscribeAsync(redis.Port, "demo/hello");

        await RedisCli.RunAsync(redis.Port, "PUBLISH", "demo/hello", "from a backend");
        await playground.ExpectNewestAsync("demo/hello", "from a backend");
        await playground.PublishAsync("demo/hello", "from the browser");
        await playground.ExpectNewestAsync("demo/hello", "from the browser");

        Assert.Equal(["message", "demo/hello", "from a backend", "message", "demo/hello", "from the browser"], await terminal.ReadLinesAsync(6));
        Assert.Empty(playground.Complaints);
    }

    [Theory]
    [InlineData("http", "ws", 101)]
    [InlineData("https", "wss", 200)]
    public async Task The_page_takes_the_secure_scheme_and_the_protocol_of_its_origin(string scheme, string expectedScheme, int expectedStatus)
    {
        await using var gateway = GatewayApp.Start();
        // On the page's own thread the socket is the page's, and its tools can see it.
        await using var application = await chromium.OpenApplicationAsync(scheme is "https" ? gateway.Https : gateway.Http, "{ mode: 'page' }");
        var sockets = await WatchSocketsAsync(application.Page);

        await application.SubscribeAsync("orders/42", "() => {}");

        var (url, status) = Assert.Single(sockets);
        Assert.StartsWith($"{expectedScheme}://127.0.0.1:", url, StringComparison.Ordinal);
        Assert.Equal(expectedStatus, status);
    }

    /// <summary>The WebSockets that the page opens from now on, with the status of their handshake: 101 is HTTP/1.1 (RFC 6455), 200 is HTTP/2 (RFC 8441).</summary>
    private static async Task<IReadOnlyCollection<(string Url, int Status)>> WatchSocketsAsync(IPage page)
    {
        var urls = new ConcurrentDictionary<string, string>();
        var sockets = new ConcurrentQueue<(string, int)>();
        var devTools = await page.Context.NewCDPSessionAsync(page);
        devTools.Event("Network.webSocketCreated").OnEvent += (_, created) =>
            urls[created!.Value.GetProperty("requestId").GetString()!] = created.Value.GetProperty("url").GetString()!;
        devTools.Event("Network.webSocketHandshakeResponseReceived").OnEvent += (_, opened) => sockets.Enqueue(
            (urls[opened!.Value.GetProperty("requestId").GetString()!], opened.Value.GetProperty("response").GetProperty("status").GetInt32()));
        await devTools.SendAsync("Network.enable");
        return sockets;
    }
}
