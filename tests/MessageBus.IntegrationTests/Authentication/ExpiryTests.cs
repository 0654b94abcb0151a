using System.Diagnostics;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Authentication;

/// <summary>A token runs out while its connection is open.</summary>
public sealed class ExpiryTests(ClosedGateway shared) : IClassFixture<ClosedGateway>
{
    private readonly GatewayApp _gateway = shared.App;

    [Fact]
    public async Task Connection_is_closed_4401_soon_after_its_token_has_expired_and_hears_nothing_meanwhile()
    {
        await using var publisher = await BusClient.OpenAsync(_gateway.Bus);
        await publisher.ConnectWithAsync(Tokens.For("publisher"));
        var exp = Tokens.In(TimeSpan.FromSeconds(3));
        var end = DateTimeOffset.FromUnixTimeSeconds(exp);
        await using var client = await BusClient.OpenAsync(_gateway.Bus);
        Assert.InRange((await client.ConnectWithAsync(Tokens.Hs256(new { sub = "42", exp }))).GetProperty("expires").GetInt32(), 1, 3);
        await client.SubscribeAsync("expiry");

        // A refresh that fails does not prolong it.
        await client.SendAsync(new { type = "refresh", id = 8, token = "nonsense" });
        Assert.Equal("unauthorized", await client.ExpectErrorAsync());

        // Each says when it was sent.
        var closed = client.ExpectCloseAsync();
        while (!closed.IsCompleted)
        {
            await publisher.PublishAsync("expiry", $"{DateTimeOffset.UtcNow.UtcTicks}");
        }

        Assert.Equal(4401, await closed);
        var last = 0L;
        while (!client.IsQuiet)
        {
            last = long.Parse(await client.ExpectTextAsync("expiry"), System.Globalization.CultureInfo.InvariantCulture);
        }

        Assert.InRange(last, 1, end.UtcTicks);
    }

    [Fact]
    public async Task Connection_is_closed_within_a_second_of_the_end_of_its_token()
    {
        var time = new UnitTests.Fakes.ManualTime();
        await using var gateway = GatewayApp.Start(time, ("MessageBus:AllowAnonymous", "false"), ("MessageBus:Jwt:Secret", Tokens.Secret));
        await using var client = await BusClient.OpenAsync(gateway.Bus);
        await client.ConnectWithAsync(Tokens.Hs256(new { sub = "42", exp = time.GetUtcNow().AddSeconds(20).ToUnixTimeSeconds() }));

        time.Advance(TimeSpan.FromSeconds(19.9));
        await client.SendAsync(new { type = "unsubscribe", id = 1, channel = "a" });
        Assert.Equal("not_subscribed", await client.ExpectErrorAsync());
        time.Advance(TimeSpan.FromSeconds(1.1));

        Assert.Equal(4401, await client.ExpectCloseAsync());
    }

    [Fact]
    public async Task Refreshed_connection_lives_on_and_a_new_expiry_counts()
    {
        await using var client = await BusClient.OpenAsync(_gateway.Bus);
        await client.ConnectWithAsync(Tokens.For("42", TimeSpan.FromSeconds(3)));

        await client.SendAsync(new { type = "refresh", id = 8, token = Tokens.For("42", TimeSpan.FromSeconds(7)) });

        var refreshed = await client.ExpectAsync("refreshed");
        Assert.Equal(8, refreshed.GetProperty("id").GetInt32());
        Assert.InRange(refreshed.GetProperty("expires").GetInt32(), 4, 7);
        var lived = Stopwatch.StartNew();
        Assert.Equal(4401, await client.ExpectCloseAsync());
        Assert.True(lived.Elapsed > TimeSpan.FromSeconds(4), $"The refreshed token counted for {lived.Elapsed.TotalSeconds:0.0} s.");
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
        await using var clock = await BusClient.OpenAsync(_gateway.Bus);
        await clock.ConnectWithAsync(Tokens.For("clock"));
        var exp = Tokens.In(TimeSpan.FromSeconds(2));
        await using var client = await BusClient.OpenAsync(_gateway.Bus);
        await client.ConnectWithAsync(Tokens.Hs256(new { sub = "42", exp }));

        while (DateTimeOffset.UtcNow < DateTimeOffset.FromUnixTimeSeconds(exp))
        {
            await clock.PublishAsync("time", "passes");
        }

        await client.SendAsync(new { type = "refresh", id = 8, token = Tokens.For("42") });

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

    private static string With(params string[] subscribe) =>
        Tokens.Hs256(new Dictionary<string, object> { ["sub"] = "42", ["exp"] = Tokens.In(TimeSpan.FromHours(1)), ["mb.sub"] = subscribe });
}
