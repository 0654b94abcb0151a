using System.Net;
using System.Text;
using System.Text.Json;
using MessageBus.IntegrationTests.Api;
using MessageBus.IntegrationTests.Support;
using static MessageBus.IntegrationTests.Support.RawWebSocket;

namespace MessageBus.IntegrationTests.Access;

/// <summary>Two users of an app with rules, over real sockets: each gets what is theirs, and nothing else.</summary>
public sealed class ChannelRuleTests : IAsyncLifetime
{
    private EmbeddingApp _app = null!;

    public async Task InitializeAsync() => _app = await EmbeddingApp.StartAsync(
        ("MessageBus:ApiKeys:0:Key", Keys.Read),
        ("MessageBus:ApiKeys:0:Scopes", "read"),
        ("MessageBus:Channels:0:Pattern", "visitor-management/arrival/{user}"),
        ("MessageBus:Channels:0:Subscribe", "user"),
        ("MessageBus:Channels:1:Pattern", "visitor-management/arrival/*"),
        ("MessageBus:Channels:1:Publish", "role:reception"),
        ("MessageBus:Channels:2:Pattern", "group/{claim:groups}/**"),
        ("MessageBus:Channels:2:Subscribe", "user"),
        ("MessageBus:Channels:2:Publish", "user"),
        ("MessageBus:Channels:3:Pattern", "news/**"),
        ("MessageBus:Channels:3:Subscribe", "anyone"));

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task A_user_hears_their_own_channel_and_cannot_subscribe_to_that_of_another()
    {
        await using var ann = await _app.ConnectAsync("ann", "visitor-management/arrival/ann");
        await using var bob = await _app.ConnectAsync("bob", "visitor-management/arrival/bob");
        await using var reception = await _app.ConnectAsync("eve;role=reception");

        await bob.SendAsync(new { type = "subscribe", id = 7, channel = "visitor-management/arrival/ann" });
        var error = await bob.ExpectAsync("error");
        await reception.PublishAsync("visitor-management/arrival/ann", "for ann");
        await reception.PublishAsync("visitor-management/arrival/bob", "for bob");

        Assert.Equal("""{"type":"error","id":7,"channel":"visitor-management/arrival/ann","code":"forbidden","message":"Not allowed."}""", error.GetRawText());
        Assert.Equal("for ann", await ann.ExpectTextAsync("visitor-management/arrival/ann"));
        Assert.Equal("for bob", await bob.ExpectTextAsync("visitor-management/arrival/bob"));
        Assert.True(ann.IsQuiet && bob.IsQuiet);
    }

    [Fact]
    public async Task A_forbidden_publication_reaches_nobody_and_the_connection_lives()
    {
        await using var ann = await _app.ConnectAsync("ann;groups=staff", "visitor-management/arrival/ann", "group/staff/1");
        await using var bob = await _app.ConnectAsync("bob;groups=guests");

        foreach (var channel in new[] { "visitor-management/arrival/ann", "visitor-management/arrival/bob", "group/staff/1", "news/today", "no/rule/at/all" })
        {
            await bob.SendAsync(new { type = "publish", id = 8, channel, payload = "forged" });
            var error = await bob.ExpectAsync("error");
            Assert.Equal(("forbidden", 8, channel), (error.GetProperty("code").GetString(), error.GetProperty("id").GetInt32(), error.GetProperty("channel").GetString()));
        }

        await bob.PublishAsync("group/guests/1", "allowed");
        await ann.SendAsync(new { type = "publish", channel = "group/staff/1", payload = "the only one" });
        Assert.Equal("the only one", await ann.ExpectTextAsync("group/staff/1"));
    }

    [Fact]
    public async Task Each_channel_of_a_connect_is_answered_for_itself()
    {
        await using var ann = await _app.OpenAsync("ann;groups=staff;groups=night");

        var asked = new[] { "group/staff/1", "group/night/1", "group/admins/1", "visitor-management/arrival/bob", "news/a", "secret" };
        await ann.SendAsync(new { type = "connect", id = 1, subscriptions = asked.Select(channel => new { channel }) });
        await ann.ExpectAsync("connected");
        var answers = new List<JsonElement>();
        foreach (var _ in asked)
        {
            answers.Add(await ann.NextAsync());
        }

        Assert.Equal(
            ["error group/admins/1", "error secret", "error visitor-management/arrival/bob", "subscribed group/night/1", "subscribed group/staff/1", "subscribed news/a"],
            answers.Select(answer => $"{answer.GetProperty("type").GetString()} {answer.GetProperty("channel").GetString()}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("**")]
    [InlineData("ann/../bob")]
    [InlineData("x/bob")]
    [InlineData("{user}")]
    public async Task A_user_name_or_a_claim_never_widens_a_rule(string value)
    {
        await using var eve = await _app.ConnectAsync($"{value};groups={value};groups={value}/1");

        foreach (var channel in new[] { "visitor-management/arrival/bob", "group/bob/1", "group/x/bob/1", "group/staff/1", "visitor-management/arrival/x/bob" })
        {
            await eve.SendAsync(new { type = "subscribe", id = 1, channel });
            Assert.Equal("forbidden", await eve.ExpectErrorAsync());
        }
    }

    [Fact]
    public async Task The_answer_is_the_same_whether_or_not_the_channel_exists()
    {
        await using var ann = await _app.ConnectAsync("ann", "visitor-management/arrival/ann");
        using var eve = await OpenRawAsync("eve");

        var existing = await AskAsync("visitor-management/arrival/ann");
        var missing = await AskAsync("visitor-management/arrival/nil");
        var noRule = await AskAsync("visitor-management/departed/x");

        Assert.Equal("""{"type":"error","id":1,"channel":"C","code":"forbidden","message":"Not allowed."}""", existing);
        Assert.Equal(existing, missing);
        Assert.Equal(existing, noRule);

        async Task<string> AskAsync(string channel)
        {
            await eve.SendAsync(Frame(Fin | Text, Encoding.UTF8.GetBytes($$"""{"type":"subscribe","id":1,"channel":"{{channel}}"}""")));
            return Encoding.UTF8.GetString((await eve.ReadFrameAsync()).Payload).Replace(channel, "C", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Rights_in_the_token_open_channels_that_no_rule_opens()
    {
        await using var ann = await _app.ConnectAsync("ann;mb.sub=chat/**;mb.sub=room/{user}", "chat/7", "room/ann");
        await using var bob = await _app.ConnectAsync("""bob;mb.pub=["chat/7"]""");

        await bob.PublishAsync("chat/7", "hello");
        await bob.SendAsync(new { type = "subscribe", id = 1, channel = "chat/7" });
        await ann.SendAsync(new { type = "subscribe", id = 1, channel = "room/bob" });

        Assert.Equal("hello", await ann.ExpectTextAsync("chat/7"));
        Assert.Equal("forbidden", await ann.ExpectErrorAsync());
        Assert.Equal("forbidden", await bob.ExpectErrorAsync());
    }

    [Fact]
    public async Task The_API_holds_a_logged_in_user_to_the_same_rules()
    {
        using var http = _app.CreateHttpClient("bob;groups=guests");

        using var allowed = await http.PostAsync("/api/publish?channel=group/guests/1", new StringContent("x"));
        using var refused = await http.PostAsync("/api/publish?channel=visitor-management/arrival/ann", new StringContent("x"));

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.Forbidden), (allowed.StatusCode, refused.StatusCode));
        Assert.Equal("forbidden", (await Problem.OfAsync(refused)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Two_thousand_forbidden_commands_leave_no_trace_but_their_answers()
    {
        using var eve = await OpenRawAsync("eve");
        var command = Frame(Fin | Text, """{"type":"subscribe","id":1,"channel":"visitor-management/arrival/ann"}"""u8);

        var sending = eve.SendAsync(Enumerable.Repeat(command, 2_000).SelectMany(bytes => bytes).ToArray());
        for (var n = 0; n < 2_000; n++)
        {
            Assert.Contains("forbidden", Encoding.UTF8.GetString((await eve.ReadFrameAsync()).Payload), StringComparison.Ordinal);
        }

        await sending;
        using var http = _app.CreateHttpClient("ann");
        http.DefaultRequestHeaders.Add(Keys.Header, Keys.Read);
        Assert.Equal("[]", await http.GetStringAsync("/api/channels"));
    }

    private async Task<RawWebSocket> OpenRawAsync(string user)
    {
        var socket = await OpenAsync(_app.Http, [$"Host: {_app.Http.Authority}", $"Authorization: Test {user}"]);
        await socket.SendAsync(Frame(Fin | Text, """{"type":"connect"}"""u8));
        await socket.ReadFrameAsync();
        return socket;
    }
}
