using System.Net;
using MessageBus.IntegrationTests.Api;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Limits;

/// <summary>How many may ask for a WebSocket in a second, whatever becomes of it. The clock moves only where a test moves it.</summary>
public sealed class HandshakeRateTests
{
    private static readonly (string, string) Proxy = ("MessageBus:Proxies:0", "127.0.0.1");

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task An_address_in_a_hurry_is_answered_429_and_another_gets_in()
    {
        await using var gateway = GatewayApp.Start(_time, Proxy, ("MessageBus:Limits:MaxHandshakesPerSecondPerAddress", "2"));

        Assert.Equal([101, 101, 429, 429], await StatusesAsync(gateway, "192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.1"));
        using var refused = await Handshake.FromAsync(gateway.Http, "192.0.2.1");
        Assert.Equal(1, refused.RetryAfter);
        Assert.Equal([101], await StatusesAsync(gateway, "192.0.2.2"));

        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal([101, 429], await StatusesAsync(gateway, "192.0.2.1", "192.0.2.1"));
    }

    [Fact]
    public async Task Too_many_of_all_addresses_are_answered_503()
    {
        await using var gateway = GatewayApp.Start(_time, Proxy, ("MessageBus:Limits:MaxHandshakesPerSecond", "3"));
        await using var connected = await BusClient.ConnectAsync(gateway.Bus, "a");

        Assert.Equal([101, 101, 503, 503], await StatusesAsync(gateway, "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"));
        using var refused = await Handshake.FromAsync(gateway.Http, "192.0.2.1");
        Assert.Equal(1, refused.RetryAfter);
        await connected.SendAsync(new { type = "publish", channel = "a", payload = "undisturbed" });
        Assert.Equal("undisturbed", await connected.ExpectTextAsync("a"));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([101, 101, 101, 503], await StatusesAsync(gateway, "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"));
    }

    [Fact]
    public async Task Requests_that_are_refused_for_something_else_count_too()
    {
        await using var gateway = GatewayApp.Start(_time, ("MessageBus:Limits:MaxHandshakesPerSecondPerAddress", "3"));
        using var http = gateway.CreateHttpClient();

        Assert.Equal(HttpStatusCode.UpgradeRequired, await gateway.StatusOfAsync("/bus"));
        using (var foreign = await Handshake.AskAsync(gateway.Http, "Origin: https://evil.example"))
        {
            Assert.Equal(403, foreign.Status);
        }

        Assert.Equal(HttpStatusCode.UpgradeRequired, await gateway.StatusOfAsync("/bus"));
        using var refused = await http.GetAsync("/bus");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("rate_limited", (await Problem.OfAsync(refused)).GetProperty("code").GetString());
        Assert.Equal(HttpStatusCode.OK, await gateway.StatusOfAsync("/health/live"));
    }

    /// <summary>One after the other. None stays open.</summary>
    private static async Task<IReadOnlyList<int>> StatusesAsync(GatewayApp gateway, params string[] addresses)
    {
        var statuses = new List<int>();
        foreach (var address in addresses)
        {
            using var asked = await Handshake.FromAsync(gateway.Http, address);
            statuses.Add(asked.Status);
        }

        return statuses;
    }
}
