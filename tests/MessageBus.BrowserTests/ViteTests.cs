using MessageBus.BrowserTests.Browser;
using MessageBus.IntegrationTests.Support;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MessageBus.BrowserTests;

/// <summary>
/// A React page that installs the client as a package and is served by Vite without a vite.config: as it is developed, and built for production.
/// </summary>
[Collection(Chromium.Client)]
public sealed class ViteTests(Chromium chromium) : IClassFixture<ViteTests.Installation>
{
    [Fact]
    public async Task Page_of_the_development_server_hears_redis_through_the_shared_worker()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        var port = FreePort.Next();
        await using var gateway = StartGateway(redis, port);
        await using var vite = await ViteProcess.DevelopAsync(port, new Uri(gateway.Http, "bus"));

        await ExpectVisitorsAsync(vite.Page, redis);
    }

    [Fact]
    public async Task Page_built_for_production_hears_redis_through_the_shared_worker()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        var port = FreePort.Next();
        await using var gateway = StartGateway(redis, port);
        await ViteProcess.BuildAsync(new Uri(gateway.Http, "bus"));
        await using var vite = await ViteProcess.PreviewAsync(port);

        await ExpectVisitorsAsync(vite.Page, redis);
    }

    /// <summary>A gateway that takes pages of this port, and of the next ones: Vite takes one of these when somebody else was faster.</summary>
    private static GatewayApp StartGateway(RedisServerProcess redis, int vitePort) =>
        GatewayApp.Start(redis, [.. Enumerable.Range(0, 5).Select(next => ($"MessageBus:AllowedOrigins:{next}", $"http://127.0.0.1:{vitePort + next}"))]);

    private async Task ExpectVisitorsAsync(Uri address, RedisServerProcess redis)
    {
        var page = await chromium.OpenAsync(address);
        var button = page.GetByRole(AriaRole.Button);
        var visitors = page.GetByRole(AriaRole.Listitem);
        await Expect(button).ToBeEnabledAsync();

        await RedisCli.RunAsync(redis.Port, "PUBLISH", "visitor-arrival", "Bob");
        await Expect(visitors).ToHaveTextAsync(["Bob (visitor-arrival)"]);
        await button.ClickAsync();

        await Expect(visitors).ToHaveTextAsync(["Bob (visitor-arrival)", "Ada (visitor-arrival)"]);
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("connected, shared-worker");
        await page.Context.CloseAsync();
    }

    /// <summary>What the page needs, installed once.</summary>
    public sealed class Installation : IAsyncLifetime
    {
        /// <inheritdoc/>
        public Task InitializeAsync() => ViteProcess.InstallAsync();

        /// <inheritdoc/>
        public Task DisposeAsync() => Task.CompletedTask;
    }
}
