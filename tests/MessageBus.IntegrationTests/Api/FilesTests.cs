using System.Net;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Api;

/// <summary>The browser client under /bus/, the playground at / and the operators' console at /console.</summary>
public sealed class FilesTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private static readonly (string, string)[] Production =
        [("environment", "Production"), ("urls", "http://127.0.0.1:0"), ("MessageBus:AllowEmbedded", "true"), ("MessageBus:AllowAnonymous", "true")];

    private readonly GatewayApp _gateway = shared.App;

    [Theory]
    [InlineData("client.js")]
    [InlineData("error.js")]
    [InlineData("host.js")]
    [InlineData("worker/hubs.js")]
    [InlineData("worker/connection.js")]
    [InlineData("standalone.js")]
    [InlineData("vue.js")]
    [InlineData("port.js")]
    public async Task The_clients_modules_are_served_as_JavaScript_and_asked_for_again_cheaply(string file)
    {
        using var http = _gateway.CreateHttpClient();

        using var first = await http.GetAsync("/bus/" + file);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/bus/" + file) { Headers = { IfNoneMatch = { first.Headers.ETag! } } };
        using var second = await http.SendAsync(again);

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal("text/javascript", first.Content.Headers.ContentType?.MediaType);
        Assert.Contains("export ", await first.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True(first.Headers.CacheControl?.NoCache);
        Assert.Equal(["nosniff"], first.Headers.GetValues("X-Content-Type-Options"));
        Assert.False(first.Headers.Contains("Server"));
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("https://site.example", true)]
    [InlineData("https://other.example", false)]
    public async Task A_page_of_an_allowed_origin_may_import_the_client(string origin, bool isAllowed)
    {
        await using var gateway = GatewayApp.Start([.. Production, ("MessageBus:AllowedOrigins:0", "https://site.example")]);
        using var http = gateway.CreateHttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/bus/client.js") { Headers = { { "Origin", origin } } };

        using var response = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(isAllowed, response.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed) && allowed.Single() == origin);
        Assert.Equal(["Origin"], response.Headers.Vary);
    }

    [Fact]
    public async Task The_worker_is_served_as_JavaScript()
    {
        using var http = _gateway.CreateHttpClient();

        using var worker = await http.GetAsync("/bus/worker.js");

        Assert.Equal(HttpStatusCode.OK, worker.StatusCode);
        Assert.Equal("text/javascript", worker.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Playground_runs_only_its_own_scripts()
    {
        using var http = _gateway.CreateHttpClient();

        using var page = await http.GetAsync("/");

        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        var html = await page.Content.ReadAsStringAsync();
        Assert.DoesNotContain("<style", html, StringComparison.Ordinal);
        Assert.DoesNotContain(" onclick", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Playground_shows_a_redis_cli_line_that_works()
    {
        var settings = await _gateway.GetJsonAsync("/playground.json");

        Assert.Equal($"redis-cli -p {_gateway.EmbeddedPort}", settings.GetProperty("redisCli").GetString());
        Assert.Equal("embedded", settings.GetProperty("broker").GetString());
    }

    [Fact]
    public async Task Playground_is_not_served_outside_Development()
    {
        await using var gateway = GatewayApp.Start([.. Production]);

        Assert.Equal(HttpStatusCode.NotFound, await gateway.StatusOfAsync("/"));
        Assert.Equal(HttpStatusCode.NotFound, await gateway.StatusOfAsync("/playground.json"));
        Assert.Equal(HttpStatusCode.OK, await gateway.StatusOfAsync("/bus/client.js"));
    }

    [Fact]
    public async Task Console_is_public_in_Production_and_runs_only_its_own_scripts()
    {
        await using var gateway = GatewayApp.Start([.. Production]);
        using var http = gateway.CreateHttpClient();

        using var page = await http.GetAsync("/console");
        using var script = await http.GetAsync("/console/dom.js");

        Assert.Equal("/console/", page.RequestMessage!.RequestUri!.AbsolutePath);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
        Assert.Equal("text/javascript", script.Content.Headers.ContentType?.MediaType);
        foreach (var answer in new[] { page, script })
        {
            Assert.Equal(
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
                + "require-trusted-types-for 'script'; trusted-types 'none'",
                Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
            Assert.Equal(["nosniff"], answer.Headers.GetValues("X-Content-Type-Options"));
        }

        var html = await page.Content.ReadAsStringAsync();
        Assert.DoesNotMatch("<style| style=| on[a-z]+=|https?://|<script(?! type=\"module\" src)", html);
    }

    [Fact]
    public async Task Console_can_be_turned_off()
    {
        await using var gateway = GatewayApp.Start([.. Production, ("MessageBus:OperatorConsole", "false")]);

        Assert.Equal(HttpStatusCode.NotFound, await gateway.StatusOfAsync("/console"));
        Assert.Equal(HttpStatusCode.NotFound, await gateway.StatusOfAsync("/console/console.js"));
    }

    [Theory]
    [InlineData("/bus/../appsettings.json")]
    [InlineData("/bus/%2e%2e/appsettings.json")]
    [InlineData("/appsettings.json")]
    [InlineData("/bus/package.json")]
    public async Task Nothing_else_is_served(string path)
    {
        Assert.Equal(HttpStatusCode.NotFound, await _gateway.StatusOfAsync(path));
    }
}
