using System.Text.Json;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Connections;

/// <summary>Commands that are answered by an error: the same connection goes on, and so does everybody else.</summary>
public sealed class RefusedCommandTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private readonly GatewayApp _gateway = shared.App;

    public static TheoryData<string> BadChannels { get; } =
    [
        "*", "orders/*", "a?", "a[b", "a]b", @"a\b", "__keyspace@0__:x", "__", "mb:x", "mb:", "", " ", "a b", "a\tb", "a\r\nPUBLISH x y", "nul\0", "\u0001",
        "\u007f", "\u0085", "\u00a0", "\u2028", "\ufffd", "zero\u200bwidth", "\u202eright", "orders∕42", "orders/＊", "＿＿keyspace@0＿＿:x", "mb：x", "__sentinel__:hello", "__Booksleeve_MasterChanged",
        new string('c', 201), new string('ü', 101), new string('c', 64 * 1024),
    ];

    [Theory]
    [InlineData("""{"type":"dance","id":9}""", "unknown_type")]
    [InlineData("""{"type":"","id":9}""", "unknown_type")]
    [InlineData("""{"type":"Subscribe","id":9,"channel":"a"}""", "unknown_type")]
    [InlineData("""{"type":"connect","id":9}""", "unknown_type")]
    [InlineData("""{"type":"subscribe","id":9}""", "missing_field")]
    [InlineData("""{"type":"unsubscribe","id":9}""", "missing_field")]
    [InlineData("""{"type":"publish","id":9,"payload":"x"}""", "missing_field")]
    [InlineData("""{"type":"publish","id":9,"channel":"a"}""", "missing_field")]
    [InlineData("""{"type":"subscribe","id":9,"channel":7}""", "bad_field")]
    [InlineData("""{"type":"publish","id":9,"channel":"a","base64":7}""", "bad_field")]
    [InlineData("""{"type":"publish","id":9,"channel":"a","base64":"%%"}""", "bad_payload")]
    [InlineData("""{"type":"publish","id":9,"channel":"a","payload":"x","base64":"eA=="}""", "bad_payload")]
    [InlineData("""{"type":"publish","id":9,"channel":"a","payload":"\ud800"}""", "bad_payload")]
    [InlineData("""{"type":"subscribe","id":9,"channel":"\ud800"}""", "bad_channel")]
    [InlineData("""{"type":"unsubscribe","id":9,"channel":"never/subscribed"}""", "not_subscribed")]
    public async Task A_command_that_cannot_be_done_gets_its_code_and_its_id(string command, string code)
    {
        await using var client = await BusClient.ConnectAsync(_gateway.Bus);

        await client.SendTextAsync(command);
        var error = await client.ExpectAsync("error");

        Assert.Equal((code, 9), (error.GetProperty("code").GetString(), error.GetProperty("id").GetInt32()));
        Assert.False(string.IsNullOrEmpty(error.GetProperty("message").GetString()));
        await client.SubscribeAsync("still/open");
        await GoodClient.IsServedByAsync(_gateway);
    }

    [Theory]
    [InlineData("\"7\"")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("2147483648")]
    [InlineData("1e400")]
    [InlineData("null")]
    [InlineData("{}")]
    public async Task An_id_that_is_no_positive_integer_is_a_bad_field(string id)
    {
        await using var client = await BusClient.ConnectAsync(_gateway.Bus);

        await client.SendTextAsync($$"""{"type":"subscribe","id":{{id}},"channel":"a"}""");
        var error = await client.ExpectAsync("error");

        Assert.Equal("bad_field", error.GetProperty("code").GetString());
        Assert.False(error.TryGetProperty("id", out _));
        await client.SubscribeAsync("still/open");
        await GoodClient.IsServedByAsync(_gateway);
    }

    [Theory]
    [MemberData(nameof(BadChannels), DisableDiscoveryEnumeration = true)]
    public async Task A_bad_channel_is_refused_by_every_command(string channel)
    {
        await using var client = await BusClient.ConnectAsync(_gateway.Bus);

        await client.SendAsync(new { type = "subscribe", id = 1, channel });
        await client.SendAsync(new { type = "unsubscribe", id = 2, channel });
        await client.SendAsync(new { type = "publish", id = 3, channel, payload = "x" });

        Assert.Equal("bad_channel", await client.ExpectErrorAsync());
        Assert.Equal("bad_channel", await client.ExpectErrorAsync());
        Assert.Equal("bad_channel", await client.ExpectErrorAsync());
        await client.SubscribeAsync("still/open");
        await GoodClient.IsServedByAsync(_gateway);
    }

    [Fact]
    public async Task Bad_channels_of_a_connect_get_an_error_each_and_the_good_ones_are_subscribed()
    {
        await using var client = await BusClient.OpenAsync(_gateway.Bus);

        await client.SendAsync(new
        {
            type = "connect",
            id = 1,
            subscriptions = new[] { new { channel = "good/1" }, new { channel = "bad *" }, new { channel = "mb:x" }, new { channel = "good/2" } },
        });
        await client.ExpectAsync("connected");
        var answers = new[] { await client.NextAsync(), await client.NextAsync(), await client.NextAsync(), await client.NextAsync() };

        Assert.Equal(
            ["error bad *", "error mb:x", "subscribed good/1", "subscribed good/2"],
            answers.Select(answer => $"{Field(answer, "type")} {Field(answer, "channel")}").Order(StringComparer.Ordinal));
        Assert.All(answers.Where(answer => Field(answer, "type") is "error"), error => Assert.Equal("bad_channel", Field(error, "code")));
        await client.SendAsync(new { type = "publish", channel = "good/2", payload = "heard" });
        Assert.Equal("heard", await client.ExpectTextAsync("good/2"));
        await GoodClient.IsServedByAsync(_gateway);
    }

    [Fact]
    public async Task A_subscription_over_the_limit_is_refused_until_another_ends()
    {
        await using var gateway = GatewayApp.Start(("MessageBus:Limits:MaxSubscriptionsPerConnection", "2"));
        await using var client = await BusClient.ConnectAsync(gateway.Bus, "one", "two");

        await client.SendAsync(new { type = "subscribe", id = 9, channel = "three" });
        Assert.Equal("too_many_subscriptions", await client.ExpectErrorAsync());
        await client.SubscribeAsync("two");
        await client.SendAsync(new { type = "unsubscribe", id = 10, channel = "one" });
        await client.ExpectAsync("unsubscribed");
        await client.SubscribeAsync("three");

        await using var greedy = await BusClient.OpenAsync(gateway.Bus);
        await greedy.SendAsync(new { type = "connect", subscriptions = new[] { new { channel = "a" }, new { channel = "b" }, new { channel = "c" } } });
        await greedy.ExpectAsync("connected");
        var answers = new[] { await greedy.NextAsync(), await greedy.NextAsync(), await greedy.NextAsync() };
        var refused = Assert.Single(answers, answer => Field(answer, "type") is "error");
        Assert.Equal(("too_many_subscriptions", "c"), (Field(refused, "code"), Field(refused, "channel")));
        await GoodClient.IsServedByAsync(gateway);
    }

    [Fact]
    public async Task A_payload_over_the_limit_is_too_large_and_one_at_the_limit_is_not()
    {
        await using var gateway = GatewayApp.Start(("MessageBus:Limits:MaxPayloadBytes", "1000"));
        await using var client = await BusClient.ConnectAsync(gateway.Bus);

        await client.PublishAsync("a", new string('x', 1000));
        await client.SendAsync(new { type = "publish", id = 2, channel = "a", payload = new string('x', 1001) });
        Assert.Equal("too_large", await client.ExpectErrorAsync());
        await client.SendAsync(new { type = "publish", id = 3, channel = "a", base64 = Convert.ToBase64String(new byte[1001]) });
        Assert.Equal("too_large", await client.ExpectErrorAsync());

        await client.PublishAsync("a", "still open");
        await GoodClient.IsServedByAsync(gateway);
    }

    private static string? Field(JsonElement message, string name) => message.GetProperty(name).GetString();
}
