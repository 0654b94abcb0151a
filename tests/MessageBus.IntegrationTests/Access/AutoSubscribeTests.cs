using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Access;

/// <summary>A backend reaches all tabs of a user, and a group, with a plain PUBLISH; the clients have asked for nothing.</summary>
public sealed class AutoSubscribeTests
{
    private static readonly (string, string)[] Settings = [("MessageBus:AutoSubscribe:0", "user/{user}"), ("MessageBus:AutoSubscribe:1", "group/{claim:groups}")];

    [Fact]
    public async Task A_plain_PUBLISH_reaches_every_connection_of_a_user_and_of_a_group()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var app = await EmbeddingApp.StartAsync(redis, _ => { }, Settings);
        await using var tab = await ConnectAsync(app, "42;groups=staff", "group/staff", "user/42");
        await using var phone = await ConnectAsync(app, "42;groups=staff", "group/staff", "user/42");
        await using var other = await ConnectAsync(app, "43;groups=staff;groups=night", "group/night", "group/staff", "user/43");

        await RedisCli.RunAsync(redis.Port, "PUBLISH", "user/42", "for 42");
        Assert.Equal("for 42", await tab.ExpectTextAsync("user/42"));
        Assert.Equal("for 42", await phone.ExpectTextAsync("user/42"));
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "group/staff", "for staff");
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "group/night", "for the night");

        Assert.Equal("for staff", await tab.ExpectTextAsync("group/staff"));
        Assert.Equal("for staff", await phone.ExpectTextAsync("group/staff"));
        Assert.Equal("for staff", await other.ExpectTextAsync("group/staff"));
        Assert.Equal("for the night", await other.ExpectTextAsync("group/night"));
        Assert.True(tab.IsQuiet && phone.IsQuiet && other.IsQuiet);
    }

    [Fact]
    public async Task An_array_in_a_token_is_a_channel_for_each_value_that_is_one_segment()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var gateway = GatewayApp.Start(redis, [.. Settings, ("MessageBus:AllowAnonymous", "false"), ("MessageBus:Jwt:Secret", Tokens.Secret)]);
        object[] groups = ["staff", "night", "a/b", "*", "**", "{user}", "", "mb:x", 7, "staff"];
        await using var client = await BusClient.OpenAsync(gateway.Bus);
        await using var nameless = await BusClient.OpenAsync(gateway.Bus);

        await client.SendAsync(new { type = "connect", token = Tokens.Hs256(new { sub = "42", groups, exp = Tokens.In(TimeSpan.FromHours(1)) }) });
        await nameless.SendAsync(new { type = "connect", token = Tokens.Hs256(new { sub = "4/*", groups = "night", exp = Tokens.In(TimeSpan.FromHours(1)) }) });

        Assert.Equal(["subscribed group/7", "subscribed group/mb:x", "subscribed group/night", "subscribed group/staff", "subscribed group/{user}", "subscribed user/42"], await AnswersAsync(client, 6));
        Assert.Equal(["subscribed group/night"], await AnswersAsync(nameless, 1));
        await RedisCli.RunAsync(redis.Port, "PUBLISH", "group/night", "for the night");
        Assert.Equal("for the night", await client.ExpectTextAsync("group/night"));
        Assert.Equal("for the night", await nameless.ExpectTextAsync("group/night"));
        foreach (var (channel, code) in new[] { ("group/a/b", "forbidden"), ("group/other", "forbidden"), ("user/43", "forbidden"), ("group/*", "bad_channel") })
        {
            await client.SendAsync(new { type = "subscribe", id = 1, channel });
            Assert.Equal(code, await client.ExpectErrorAsync());
        }

        Assert.True(client.IsQuiet && nameless.IsQuiet);
    }

    [Fact]
    public async Task They_are_subscriptions_like_others()
    {
        await using var app = await EmbeddingApp.StartAsync(Settings);
        await using var client = await app.OpenAsync("42");

        await client.SendAsync(new { type = "connect", id = 1, subscriptions = new[] { new { channel = "user/42" } } });
        await client.ExpectAsync("connected");
        Assert.Equal("""{"type":"subscribed","channel":"user/42"}""", (await client.NextAsync()).GetRawText());
        await client.SubscribeAsync("user/42");
        await client.SendAsync(new { type = "unsubscribe", id = 3, channel = "user/42" });
        await client.ExpectAsync("unsubscribed");
        await client.SubscribeAsync("user/42");
        await client.SendAsync(new { type = "publish", id = 4, channel = "user/42", payload = "x" });

        Assert.Equal("forbidden", await client.ExpectErrorAsync());
    }

    [Fact]
    public async Task They_come_before_those_of_the_client_and_the_limit_holds_for_both()
    {
        await using var app = await EmbeddingApp.StartAsync([.. Settings, ("MessageBus:Limits:MaxSubscriptionsPerConnection", "3")]);
        await using var few = await app.OpenAsync("42;groups=a");
        await using var many = await app.OpenAsync("43;groups=a;groups=b;groups=c;groups=d;groups=e");

        await few.SendAsync(new { type = "connect", subscriptions = new[] { new { channel = "group/a" }, new { channel = "x" } } });
        await many.SendAsync(new { type = "connect" });

        Assert.Equal(["error x forbidden", "subscribed group/a", "subscribed user/42"], await AnswersAsync(few, 3));
        Assert.Equal(["error group/c too_many_subscriptions", "subscribed group/a", "subscribed group/b", "subscribed user/43"], await AnswersAsync(many, 4));
    }

    private static async Task<BusClient> ConnectAsync(EmbeddingApp app, string user, params string[] channels)
    {
        var client = await app.OpenAsync(user);
        await client.SendAsync(new { type = "connect" });
        Assert.Equal(channels.Select(channel => $"subscribed {channel}"), await AnswersAsync(client, channels.Length));
        return client;
    }

    private static async Task<IEnumerable<string>> AnswersAsync(BusClient client, int count)
    {
        await client.ExpectAsync("connected");
        var answers = new List<string>();
        while (answers.Count < count)
        {
            var answer = await client.NextAsync();
            var code = answer.TryGetProperty("code", out var given) ? $" {given.GetString()}" : "";
            answers.Add($"{answer.GetProperty("type").GetString()} {answer.GetProperty("channel").GetString()}{code}");
        }

        return answers.Order(StringComparer.Ordinal);
    }
}
