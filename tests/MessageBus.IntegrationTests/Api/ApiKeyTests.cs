using System.Net;
using System.Text.Json;
using MessageBus.IntegrationTests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace MessageBus.IntegrationTests.Api;

/// <summary>Who may use the REST API: keys of each scope, users, and nobody.</summary>
public sealed class ApiKeyTests(ApiKeyTests.Gateway shared) : IClassFixture<ApiKeyTests.Gateway>
{
    private const string Publish = "POST /api/publish?channel=not/in/any/rule";
    private const string Channels = "GET /api/channels";
    private const string Connections = "GET /api/connections";
    private const string Gateways = "GET /api/gateways";
    private const string Tap = "GET /api/tap?channel=mb:refused";
    private const string Disconnect = "DELETE /api/connections/c-nobody";
    private const string DisconnectUser = "DELETE /api/users/nobody/connections";

    private readonly Uri _gateway = shared.App.Http;

    [Theory]
    [InlineData(Publish, Keys.Publish, 204)]
    [InlineData(Publish, Keys.Read, 403)]
    [InlineData(Publish, Keys.Admin, 403)]
    [InlineData(Channels, Keys.Read, 200)]
    [InlineData(Channels, Keys.Publish, 403)]
    [InlineData(Channels, Keys.Admin, 403)]
    [InlineData(Connections, Keys.Read, 200)]
    [InlineData(Connections, Keys.Publish, 403)]
    [InlineData(Gateways, Keys.Read, 200)]
    [InlineData(Gateways, Keys.Publish, 403)]
    [InlineData(Tap, Keys.Admin, 400)]
    [InlineData(Tap, Keys.Read, 403)]
    [InlineData(Tap, Keys.Publish, 403)]
    [InlineData(Disconnect, Keys.Admin, 202)]
    [InlineData(Disconnect, Keys.Read, 403)]
    [InlineData(DisconnectUser, Keys.Admin, 202)]
    [InlineData(DisconnectUser, Keys.Publish, 403)]
    public async Task Key_is_good_for_its_scope_and_no_other(string call, string key, int status)
    {
        using var response = await CallAsync(call, (Keys.Header, key));

        Assert.Equal(status, (int)response.StatusCode);
        if (status is 403)
        {
            await IsProblemAsync(response, "forbidden");
        }
    }

    [Theory]
    [InlineData(Publish)]
    [InlineData(Channels)]
    [InlineData(Connections)]
    [InlineData(Gateways)]
    [InlineData(Tap)]
    [InlineData(Disconnect)]
    [InlineData(DisconnectUser)]
    public async Task Without_a_key_or_with_a_wrong_one_the_answer_is_401_also_for_a_user(string call)
    {
        string[] wrong = ["wrong", "", Keys.Publish + "x", Keys.Publish[1..], Keys.Read.ToUpperInvariant(), Keys.AdminSha256, new string('x', 8000)];
        using var without = await CallAsync(call);
        using var twice = await CallAsync(call, (Keys.Header, Keys.Publish), (Keys.Header, Keys.Publish));

        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
        await IsProblemAsync(without, "unauthorized");
        Assert.Equal(HttpStatusCode.Unauthorized, twice.StatusCode);
        foreach (var key in wrong)
        {
            using var response = await CallAsync(call, (Keys.Header, key), ("Authorization", $"Bearer {Tokens.For("42")}"));
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal("The API key is not accepted.", (await IsProblemAsync(response, "unauthorized")).GetProperty("detail").GetString());
        }
    }

    [Theory]
    [InlineData(Channels)]
    [InlineData(Connections)]
    [InlineData(Gateways)]
    [InlineData(Tap)]
    [InlineData(Disconnect)]
    [InlineData(DisconnectUser)]
    public async Task User_without_a_key_sees_and_disconnects_nobody(string call)
    {
        using var response = await CallAsync(call, ("Authorization", $"Bearer {Tokens.For("42")}"));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        await IsProblemAsync(response, "forbidden");
    }

    [Fact]
    public async Task Key_is_told_what_it_is_good_for_and_a_stranger_nothing()
    {
        Assert.Equal("""{"name":"backend","scopes":["publish"]}""", await DescribeAsync(("X-Api-Key", Keys.Publish)));
        Assert.Equal("""{"name":"2","scopes":["admin"]}""", await DescribeAsync(("X-Api-Key", Keys.Admin)));
        Assert.Equal("""{"name":null,"scopes":[]}""", await DescribeAsync());
        Assert.Equal("""{"name":null,"scopes":[]}""", await DescribeAsync(("Authorization", $"Bearer {Tokens.For("42")}")));
        Assert.Equal(HttpStatusCode.Unauthorized, await ApiCall.StatusAsync(_gateway, "GET", "/api/key", ApiCall.With(Keys.Publish + "x")));
        await using var open = GatewayApp.Start();
        Assert.Equal("""{"name":null,"scopes":["publish","read","admin"]}""", (await open.GetJsonAsync("/api/key")).GetRawText());

        async Task<string> DescribeAsync(params (string, string)[] headers)
        {
            using var response = await ApiCall.SendAsync(_gateway, "GET", "/api/key", headers);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            return await response.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public async Task Key_in_the_address_is_none()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, await ApiCall.StatusAsync(_gateway, "GET", $"/api/channels?X-Api-Key={Keys.Read}&key={Keys.Read}"));
    }

    [Fact]
    public async Task User_publishes_under_the_rules_and_a_key_beyond_them_but_never_on_reserved_channels()
    {
        var user = ("Authorization", $"Bearer {Tokens.For("42")}");

        Assert.Equal(HttpStatusCode.NoContent, await ApiCall.StatusAsync(_gateway, "POST", "/api/publish?channel=user/42", user));
        Assert.Equal(HttpStatusCode.Forbidden, await ApiCall.StatusAsync(_gateway, "POST", "/api/publish?channel=user/43", user));
        Assert.Equal(HttpStatusCode.NoContent, await ApiCall.StatusAsync(_gateway, "POST", "/api/publish?channel=user/43", ApiCall.With(Keys.Publish)));
        foreach (var reserved in new[] { "mb:disconnect", "__keyspace@0__:x", "a*" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, await ApiCall.StatusAsync(_gateway, "POST", $"/api/publish?channel={reserved}", ApiCall.With(Keys.Publish)));
        }
    }

    [Fact]
    public async Task Page_of_another_site_does_not_publish_as_its_visitor()
    {
        await using var app = await EmbeddingApp.StartAsync(("MessageBus:Channels:0:Pattern", "user/{user}"), ("MessageBus:Channels:0:Publish", "user"));
        const string Path = "/api/publish?channel=user/42";
        var own = app.Http.GetLeftPart(UriPartial.Authority);

        Assert.Equal(HttpStatusCode.NoContent, await ApiCall.StatusAsync(app.Http, "POST", Path, ("Cookie", "test=42"), ("Origin", own)));
        Assert.Equal(HttpStatusCode.Forbidden, await ApiCall.StatusAsync(app.Http, "POST", Path, ("Cookie", "test=42"), ("Origin", "https://evil.example")));
        Assert.Equal(HttpStatusCode.Forbidden, await ApiCall.StatusAsync(app.Http, "POST", Path, ("Cookie", "test=42")));
    }

    [Fact]
    public async Task Development_is_open_until_there_is_a_key()
    {
        await using var open = GatewayApp.Start();
        await using var closed = GatewayApp.Start(Keys.Settings);

        foreach (var call in new[] { Publish, Channels, Connections, Disconnect, DisconnectUser })
        {
            var (method, path) = (call.Split(' ')[0], call.Split(' ')[1]);
            Assert.True((int)await ApiCall.StatusAsync(open.Http, method, path) is 200 or 202 or 204, call);
            Assert.True((int)await ApiCall.StatusAsync(open.Http, method, path, ApiCall.With("any")) is 200 or 202 or 204, call);

            // Publishing is what a connection may do too.
            Assert.Equal(call is Publish ? HttpStatusCode.NoContent : HttpStatusCode.Unauthorized, await ApiCall.StatusAsync(closed.Http, method, path));
            Assert.Equal(HttpStatusCode.Unauthorized, await ApiCall.StatusAsync(closed.Http, method, path, ApiCall.With("any")));
        }
    }

    [Fact]
    public async Task Anonymous_visitors_of_a_public_gateway_are_no_operators()
    {
        await using var app = await EmbeddingApp.StartAsync(
            ("MessageBus:AllowAnonymous", "true"), ("MessageBus:Channels:0:Pattern", "guestbook"), ("MessageBus:Channels:0:Publish", "anyone"));

        Assert.Equal(HttpStatusCode.NoContent, await ApiCall.StatusAsync(app.Http, "POST", "/api/publish?channel=guestbook"));
        Assert.Equal(HttpStatusCode.Forbidden, await ApiCall.StatusAsync(app.Http, "POST", "/api/publish?channel=news"));
        Assert.Equal(HttpStatusCode.Unauthorized, await ApiCall.StatusAsync(app.Http, "GET", "/api/connections"));
        Assert.Equal(HttpStatusCode.Unauthorized, await ApiCall.StatusAsync(app.Http, "DELETE", "/api/users/42/connections"));
    }

    [Fact]
    public async Task Keys_change_while_the_gateway_runs_all_of_them_or_none()
    {
        await using var app = await EmbeddingApp.StartAsync([.. Keys.Settings, ("MessageBus:Channels:0:Pattern", "a")]);
        Task<HttpStatusCode> ReadAsync(string key) => ApiCall.StatusAsync(app.Http, "GET", "/api/channels", ApiCall.With(key));
        const string Next = "the-next-key-of-the-dashboard-0004";

        app.Reconfigure(("MessageBus:ApiKeys:1:Key", Next), ("MessageBus:ApiKeys:2:Scopes", "admn"));
        await Eventually.TrueAsync(() => app.Log.Has("'MessageBus:ApiKeys:2:Scopes' is 'admn'"), "the mistake is logged");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (await ReadAsync(Keys.Read), await ReadAsync(Next)));

        app.Reconfigure(("MessageBus:ApiKeys:2:Scopes", "admin"));
        await Eventually.TrueAsync(async () => await ReadAsync(Next) is HttpStatusCode.OK, "the new key counts");
        Assert.Equal(HttpStatusCode.Unauthorized, await ReadAsync(Keys.Read));

        Assert.DoesNotContain(app.Log.Lines, line => line.Contains(Next, StringComparison.Ordinal) || line.Contains(Keys.Read, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keys_that_are_all_gone_go_on_counting()
    {
        await using var app = await EmbeddingApp.StartAsync(Keys.Settings);

        ((IConfigurationBuilder)app.Services.GetRequiredService<IConfiguration>()).Sources.Clear();

        await Eventually.TrueAsync(() => app.Log.Has("'MessageBus:ApiKeys' is gone"), "the loss of all keys is logged");
        Assert.Equal(HttpStatusCode.OK, await ApiCall.StatusAsync(app.Http, "GET", "/api/channels", ApiCall.With(Keys.Read)));
        Assert.Equal(HttpStatusCode.Unauthorized, await ApiCall.StatusAsync(app.Http, "GET", "/api/channels"));
    }

    [Fact]
    public async Task More_publications_a_second_than_allowed_are_answered_429_and_others_go_on()
    {
        await using var gateway = GatewayApp.Start([.. Keys.Settings, ("MessageBus:ApiKeys:0:Scopes", "publish|read"), ("MessageBus:ApiKeys:1:Scopes", "publish"), ("MessageBus:Limits:MaxApiPublishesPerSecond", "1")]);

        // To serve all of them would take half a minute.
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => ApiCall.SendAsync(gateway.Http, "POST", "/api/publish?channel=a", ApiCall.With(Keys.Publish))));
        var refused = answers.First(answer => answer.StatusCode is HttpStatusCode.TooManyRequests);

        Assert.Contains(answers, answer => answer.StatusCode is HttpStatusCode.NoContent);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        await IsProblemAsync(refused, "rate_limited");
        Assert.Equal(HttpStatusCode.NoContent, await ApiCall.StatusAsync(gateway.Http, "POST", "/api/publish?channel=a", ApiCall.With(Keys.Read)));
        Assert.Equal(HttpStatusCode.OK, await ApiCall.StatusAsync(gateway.Http, "GET", "/api/channels", ApiCall.With(Keys.Publish)));
        Array.ForEach(answers, answer => answer.Dispose());
    }

    private Task<HttpResponseMessage> CallAsync(string call, params (string Name, string Value)[] headers) =>
        ApiCall.SendAsync(_gateway, call.Split(' ')[0], call.Split(' ')[1], headers);

    /// <summary>A problem with this code, which says nothing of keys, hosts or code.</summary>
    private static async Task<JsonElement> IsProblemAsync(HttpResponseMessage response, string code)
    {
        var problem = await Problem.OfAsync(response);
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.DoesNotContain("of-the-tests", problem.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", problem.GetRawText(), StringComparison.Ordinal);
        return problem;
    }

    /// <summary>One gateway with keys, tokens and a rule, for all tests of the class.</summary>
    public sealed class Gateway : IAsyncLifetime
    {
        public GatewayApp App { get; private set; } = null!;

        public Task InitializeAsync()
        {
            App = GatewayApp.Start(
            [
                .. Keys.Settings, ("MessageBus:AllowAnonymous", "false"), ("MessageBus:Jwt:Secret", Tokens.Secret),
                ("MessageBus:Channels:0:Pattern", "user/{user}"), ("MessageBus:Channels:0:Publish", "user"),
            ]);
            return Task.CompletedTask;
        }

        public Task DisposeAsync() => App.DisposeAsync().AsTask();
    }
}
