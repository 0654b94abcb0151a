using System.Net.WebSockets;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Authentication;

/// <summary>A token runs out while its connection is open.</summary>
public sealed class ExpiryTests(ClosedGateway shared) : IClassFixture<ClosedGateway>
{
    private readonly GatewayApp _gateway = shared.App;
    private readonly FakeTimeProvider _time = new();
    private readonly DateTimeOffset _start = new FakeTimeProvider().GetUtcNow();

    [Fact]
    public async Task Connection_hears_nothing_any_more_once_its_token_has_expired_and_is_closed_4401()
    {
        await using var gateway = StartBetweenTicks();
        await using var publisher = await BusClient.OpenAsync(gateway.Bus);
        await publisher.ConnectWithAsync(Expiring("publisher", second: 60));
        await using var client = await BusClient.OpenAsync(gateway.Bus);
        Assert.Equal(2, (await client.ConnectWithAsync(Expiring("42", second: 3))).GetProperty("expires").GetInt32());
        await client.SubscribeAsync("expiry");
        await publisher.PublishAsync("expiry", "in time");
        Assert.Equal("in time", await client.ExpectTextAsync("expiry"));

        // A refresh that fails does not prolong it.
        await client.SendAsync(new { type = "refresh", id = 8, token = "nonsense" });
        Assert.Equal("unauthorized", await client.ExpectErrorAsync());
        AdvanceTo(second: 3);
        await publisher.PublishAsync("expiry", "too late");

        Assert.Equal(4401, await client.ExpectCloseAsync());
        Assert.True(client.IsQuiet);
    }

    [Fact]
    public async Task Connection_is_closed_within_a_second_of_the_end_of_its_token()
    {
        var time = new FakeTimeProvider();
        await using var gateway = GatewayApp.Start(time, ("MessageBus:AllowAnonymous", "false"), ("MessageBus:Jwt:Secret", Tokens.Secret));
        await using var client = await BusClient.OpenAsync(gateway.Bus);
        await client.ConnectWithAsync(Tokens.Hs256(new { sub = "42", exp = time.GetUtcNow().ToUnixTimeSeconds() + 17.25 }));

        time.Advance(TimeSpan.FromSeconds(17.2));
        await client.SendAsync(new { type = "unsubscribe", id = 1, channel = "a" });
        Assert.Equal("not_subscribed", await client.ExpectErrorAsync());
        time.Advance(TimeSpan.FromSeconds(1.05));

        Assert.Equal(4401, await client.ExpectCloseAsync());
    }

    [Fact]
    public async Task Refreshed_connection_lives_on_and_a_new_expiry_counts()
    {
        await using var gateway = StartBetweenTicks();
        await using var client = await BusClient.OpenAsync(gateway.Bus);
        await client.ConnectWithAsync(Expiring("42", second: 3));

        await client.SendAsync(new { type = "refresh", id = 8, token = Expiring("42", second: 7) });

        var refreshed = await client.ExpectAsync("refreshed");
        Assert.Equal((8, 6), (refreshed.GetProperty("id").GetInt32(), refreshed.GetProperty("expires").GetInt32()));
        AdvanceTo(second: 6);
        await client.SubscribeAsync("still/here");
        AdvanceTo(second: 8);
        Assert.Equal(4401, await client.ExpectCloseAsync());
    }

    [Fact]
    public async Task Rights_that_a_refreshed_token_lacks_have_ended_when_the_refresh_is_answered()
    {
        await using var client = await BusClient.OpenAsync(_gateway.Bus);
        await client.ConnectWithAsync(With("granted/a", "granted/b"));
        await client.SubscribeAsync("granted/a");
        await client.SubscribeAsync("granted/b");

        await client.SendAsync(new { type = "refresh", id = 8, token = With("granted/b", "granted/c") });

        var ended = await client.ExpectAsync("unsubscribed");
        Assert.Equal(("granted/a", "forbidden"), (ended.GetProperty("channel").GetString(), ended.GetProperty("reason").GetString()));
        await client.ExpectAsync("refreshed");
        await client.SubscribeAsync("granted/c");
        await client.SendAsync(new { type = "subscribe", id = 9, channel = "granted/a" });
        Assert.Equal("forbidden", await client.ExpectErrorAsync());
    }

    [Fact]
    public async Task Refused_refresh_changes_nothing()
    {
        await using var client = await BusClient.OpenAsync(_gateway.Bus);
        await client.ConnectWithAsync(Tokens.For("42"));
        string[] refused = ["nonsense", Tokens.For("42", TimeSpan.FromHours(-1)), Tokens.For("43"), Tokens.Hs256(new { exp = Tokens.In(TimeSpan.FromHours(1)) })];

        foreach (var token in refused)
        {
            await client.SendAsync(new { type = "refresh", id = 8, token });
            Assert.Equal("unauthorized", await client.ExpectErrorAsync());
        }

        // Also without an id, where success has no reply.
        await client.SendAsync(new { type = "refresh", token = "nonsense" });
        Assert.Equal("unauthorized", await client.ExpectErrorAsync());
        await client.SendAsync(new { type = "refresh", token = Tokens.For("42") });
        await client.SubscribeAsync("still/here");
    }

    [Fact]
    public async Task Refresh_that_comes_too_late_is_answered_4401_although_no_tick_has_come()
    {
        await using var gateway = StartBetweenTicks();
        await using var client = await BusClient.OpenAsync(gateway.Bus);
        await client.ConnectWithAsync(Expiring("42", second: 2));

        AdvanceTo(second: 2);
        try
        {
            await client.SendAsync(new { type = "refresh", id = 8, token = Expiring("42", second: 60) });
        }
        catch (WebSocketException)
        {
            // On a busy machine the tick before may be done only now: then the connection is closed already.
        }

        Assert.Equal(4401, await client.ExpectCloseAsync());
        Assert.True(client.IsQuiet);
    }

    [Fact]
    public async Task Nobody_becomes_somebody_by_a_refresh()
    {
        await using var open = GatewayApp.Start(("MessageBus:Jwt:Secret", Tokens.Secret));
        await using var client = await BusClient.ConnectAsync(open.Bus);

        await client.SendAsync(new { type = "refresh", id = 8, token = Tokens.For("42") });

        Assert.Equal("unauthorized", await client.ExpectErrorAsync());
    }

    [Fact]
    public async Task Gateway_without_tokens_says_so_and_looks_at_none()
    {
        await using var open = GatewayApp.Start();
        await using var client = await BusClient.OpenAsync(open.Bus);

        Assert.False((await client.ConnectWithAsync("anything")).TryGetProperty("user", out _));
        await client.SendAsync(new { type = "refresh", id = 8, token = "anything" });

        Assert.Equal("unauthorized", await client.ExpectErrorAsync());
    }

    /// <summary>A gateway of the test's own whose clock stands still. No tick, at which it looks at all its deadlines, falls on a full second.</summary>
    private GatewayApp StartBetweenTicks()
    {
        _time.Advance(TimeSpan.FromMilliseconds(100));
        return GatewayApp.Start(_time, ClosedGateway.Settings);
    }

    private void AdvanceTo(int second) => _time.Advance(_start.AddSeconds(second) - _time.GetUtcNow());

    private string Expiring(string user, int second) => Tokens.Hs256(new { sub = user, exp = _start.AddSeconds(second).ToUnixTimeSeconds() });

    private static string With(params string[] subscribe) =>
        Tokens.Hs256(new Dictionary<string, object> { ["sub"] = "42", ["exp"] = Tokens.In(TimeSpan.FromHours(1)), ["mb.sub"] = subscribe });
}
