using System.Net;
using System.Text;
using System.Text.Json;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Api;

/// <summary>GET /api/tap: an operator looks at what comes on a channel.</summary>
public sealed class TapTests
{
    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Tap_shows_what_a_backend_publishes_on_a_channel_that_nobody_is_subscribed_to(string ownSockets)
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis, ("MessageBus:OwnSockets", ownSockets));
        await using var tap = await TapClient.OpenAsync(gateway.Http, "orders/42");
        var before = DateTimeOffset.UtcNow;

        await RedisCli.RunAsync(redis.Port, "PUBLISH", "orders/43", "not this one");
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "orders/42", "<b>paid</b>\n\"ü\"");
        await RedisCli.RunWithInputAsync(redis.Port, [0xFF, 0x00, 0xFE], "PUBLISH", "orders/42");
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "orders/42", new string('x', 5000));

        var (type, text) = await tap.NextAsync();
        Assert.Equal("message", type);
        Assert.Equal(["at", "bytes", "cut", "payload"], text.EnumerateObject().Select(field => field.Name).Order());
        Assert.Equal(("<b>paid</b>\n\"ü\"", 16, false), (text.GetProperty("payload").GetString(), text.GetProperty("bytes").GetInt32(), text.GetProperty("cut").GetBoolean()));
        Assert.InRange(text.GetProperty("at").GetDateTimeOffset(), before.AddSeconds(-1), DateTimeOffset.UtcNow.AddSeconds(1));
        Assert.Equal("/wD+", (await tap.NextAsync()).Data.GetProperty("base64").GetString());
        var cut = (await tap.NextAsync()).Data;
        Assert.Equal((2000, 5000, true), (cut.GetProperty("payload").GetString()!.Length, cut.GetProperty("bytes").GetInt32(), cut.GetProperty("cut").GetBoolean()));
    }

    [Fact]
    public async Task Tap_leaves_no_subscription_behind_and_its_place_free()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis, ("MessageBus:Delivery:SubscriptionLinger", "00:00:00.1"), ("MessageBus:Limits:MaxTaps", "1"));

        for (var round = 0; round < 3; round++)
        {
            await using (await TapClient.OpenAsync(gateway.Http, "orders/42"))
            {
                Assert.Equal("orders/42\n1", await RedisCli.RunAsync(redis.Port, "PUBSUB", "NUMSUB", "orders/42"));
                Assert.Equal("orders/42", (await gateway.GetJsonAsync("/api/channels"))[0].GetProperty("name").GetString());
            }

            await Eventually.TrueAsync(async () => await RedisCli.RunAsync(redis.Port, "PUBSUB", "NUMSUB", "orders/42") is "orders/42\n0", "nothing is subscribed any more");
        }

        Assert.Equal("[]", await ChannelsAsync(gateway));
        Assert.Equal("[]", (await gateway.GetJsonAsync("/api/connections")).GetRawText());
    }

    [Fact]
    public async Task Tap_that_cannot_keep_up_is_told_how_many_it_has_missed_and_subscribers_miss_nothing()
    {
        const int Count = 20_000;
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis, ("MessageBus:Limits:MaxBacklogBytes", "104857600"));
        await using var client = await BusClient.ConnectAsync(gateway.Bus, "busy");
        await using var tap = await TapClient.OpenAsync(gateway.Http, "busy");
        using var backend = new RespConnection(redis.Port);

        await backend.PublishAsync(Enumerable.Range(0, Count).Select(n => ("busy", Encoding.UTF8.GetBytes($"{n}"))));
        for (var n = 0; n < Count; n++)
        {
            Assert.Equal($"{n}", await client.ExpectTextAsync("busy"));
        }

        // In order, and each one is either shown or counted.
        var (next, shown, dropped) = (0, 0, 0);
        while (next < Count)
        {
            var (type, data) = await tap.NextAsync();
            if (type is "dropped")
            {
                dropped += data.GetProperty("count").GetInt32();
                next += data.GetProperty("count").GetInt32();
            }
            else
            {
                Assert.Equal($"{next++}", data.GetProperty("payload").GetString());
                shown++;
            }
        }

        Assert.Equal(Count, shown + dropped);
        Assert.True(dropped > 0, "The tap has shown everything: it bounds nothing.");
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "busy", "and on it goes");
        Assert.Equal("and on it goes", await tap.NextTextAsync());
    }

    [Fact]
    public async Task Tap_hears_of_a_lost_broker_and_of_its_return()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis);
        await using var tap = await TapClient.OpenAsync(gateway.Http, "orders/42");

        await redis.KillAsync();
        Assert.Equal(("status", "down"), await StatusAsync());
        using var refused = await ApiCall.SendAsync(gateway.Http, "GET", TapClient.Path("orders/43"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("unavailable", (await Problem.OfAsync(refused)).GetProperty("code").GetString());
        await redis.RestartAsync();

        Assert.Equal(("status", "up"), await StatusAsync());
        Assert.Equal("broker_reconnected", (await tap.NextAsync("gap")).Data.GetProperty("reason").GetString());
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "orders/42", "here again");
        Assert.Equal("here again", await tap.NextTextAsync());

        async Task<(string, string?)> StatusAsync()
        {
            var (type, data) = await tap.NextAsync();
            return (type, data.GetProperty("broker").GetString());
        }
    }

    [Fact]
    public async Task There_are_only_so_many_taps_at_once()
    {
        await using var gateway = GatewayApp.Start(("MessageBus:Limits:MaxTaps", "2"));
        await using var first = await TapClient.OpenAsync(gateway.Http, "a");
        var second = await TapClient.OpenAsync(gateway.Http, "a");

        using var third = await ApiCall.SendAsync(gateway.Http, "GET", TapClient.Path("a"));
        Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);
        Assert.Contains("At most 2", (await Problem.OfAsync(third)).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(1), third.Headers.RetryAfter?.Delta);
        await second.DisposeAsync();

        await Eventually.TrueAsync(
            async () =>
            {
                using var again = new HttpClient { BaseAddress = gateway.Http };
                using var answer = await again.GetAsync(TapClient.Path("a"), HttpCompletionOption.ResponseHeadersRead);
                return answer.StatusCode is HttpStatusCode.OK;
            },
            "the place of the one that was closed is free");
    }

    [Fact]
    public async Task Gateway_that_stops_ends_its_taps()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = await Support.GatewayProcess.StartAsync(
            "DOTNET_ENVIRONMENT=Development", "--urls=http://127.0.0.1:0", $"ConnectionStrings__Redis={redis.Endpoint}");
        gateway.ReadOn();
        await using var tap = await TapClient.OpenAsync(gateway.Addresses[0], "orders/42");

        gateway.BeginToTerminate();

        // Long before the time that a host gives its requests.
        await tap.ExpectEndAsync();
        Assert.Equal(0, await gateway.WaitForExitAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("?channel=")]
    [InlineData("?channel=a*")]
    [InlineData("?channel=mb:gateways")]
    [InlineData("?channel=mb:disconnect")]
    [InlineData("?channel=__keyspace@0__:x")]
    [InlineData("?channel=a&channel=b")]
    public async Task Names_that_no_client_may_use_are_refused(string query)
    {
        await using var gateway = GatewayApp.Start();

        using var response = await ApiCall.SendAsync(gateway.Http, "GET", "/api/tap" + query);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("bad_channel", (await Problem.OfAsync(response)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Pings_keep_a_quiet_tap_alive()
    {
        await using var gateway = GatewayApp.Start();
        await using var tap = await TapClient.OpenAsync(gateway.Http, "quiet");

        Assert.Equal(JsonValueKind.Object, (await tap.NextAsync("ping")).Data.ValueKind);
    }

    [Theory]
    [InlineData("http", "true")]
    [InlineData("https", "true")]
    [InlineData("http", "false")]
    public async Task Tap_whose_reader_has_gone_ends_and_the_log_has_neither_complaint_nor_the_channel(string scheme, string ownSockets)
    {
        const string Secret = "one-off/b1946ac92492d2347c6235b4d2611184";
        using var log = new KeptLog();
        await using var gateway = GatewayApp.Start(log, ("MessageBus:Delivery:SubscriptionLinger", "00:00:00"), ("MessageBus:OwnSockets", ownSockets));
        var address = scheme is "https" ? gateway.Https : gateway.Http;
        await using (await TapClient.OpenAsync(address, Secret))
        {
        }

        await Eventually.TrueAsync(async () => await ChannelsAsync(gateway) is "[]", "the channel is given back");

        Assert.Contains("Information: An operator looks at what comes on a channel.", log.Lines.Select(line => line.Trim()));
        Assert.DoesNotContain(log.Lines, line => line.Contains(Secret, StringComparison.Ordinal) && !line.Contains("Request ", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) || line.StartsWith("Warning: Unexpected", StringComparison.Ordinal));
    }

    private static async Task<string> ChannelsAsync(GatewayApp gateway) => (await gateway.GetJsonAsync("/api/channels")).GetRawText();
}
