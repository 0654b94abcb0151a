using MessageBus.IntegrationTests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace MessageBus.IntegrationTests.Docs;

/// <summary>The C# of the docs that shows how to use the library in an app is compiled, and does what the page says.</summary>
public sealed class DocSnippetTests
{
    [Theory]
    [InlineData("OwnApp", "own app", DocPage.Readme)]
    [InlineData("OwnApp", "backend", DocPage.Readme)]
    [InlineData("CookieSite", "cookie site", "authentication.md")]
    [InlineData("CookieSite", "rights in code", "security.md")]
    public void Snippet_on_the_page_is_the_compiled_one(string source, string name, string page)
    {
        var lines = File.ReadAllLines(Path.Combine(GatewayProcess.RepositoryRoot, $"tests/MessageBus.IntegrationTests/Docs/{source}.cs"))
            .Select(line => line.Trim().Replace("ConnectAsync(address)", "ConnectAsync(\"localhost:6380\")", StringComparison.Ordinal));
        var snippet = lines.SkipWhile(line => line != $"// docs: {name}").Skip(1).TakeWhile(line => line is not "// docs: end").ToList();
        var text = DocPage.Text(page).Split('\n').Select(line => line.Trim());

        Assert.NotEmpty(snippet);
        Assert.Contains(string.Join('\n', snippet), string.Join('\n', text), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Own_app_and_backend_meet_over_Redis()
    {
        await using var redis = await RedisServerProcess.StartAsync();
        await using var app = OwnApp.Build(
            ["--environment=Development", "--urls=http://127.0.0.1:0", $"--ConnectionStrings:Redis={redis.Endpoint}", "--Logging:LogLevel:Default=None"]);
        await app.StartAsync();
        await using var client = await BusClient.ConnectAsync(new UriBuilder(app.Urls.First()) { Scheme = "ws", Path = "/bus" }.Uri, "orders/42");

        await OwnApp.PublishAsync(redis.Endpoint);

        Assert.Equal("paid", await client.ExpectTextAsync("orders/42"));
    }

    [Fact]
    public async Task Cookie_site_serves_its_user_by_rule_and_by_code()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        await using var app = CookieSite.Build(builder);
        await app.StartAsync();
        var origin = app.Urls.First();
        using var http = new HttpClient(new HttpClientHandler { UseCookies = false });
        using var signedIn = await http.PostAsync(new Uri($"{origin}/sign-in"), content: null);
        var cookie = signedIn.Headers.GetValues("Set-Cookie").First().Split(';')[0];

        await using var anna = await BusClient.OpenAsync(
            new UriBuilder(origin) { Scheme = "ws", Path = "/bus" }.Uri, headers: [("Cookie", cookie), ("Origin", origin)]);

        Assert.Equal("anna", (await anna.ConnectAsync("user/anna/orders", "room/garden")).GetProperty("user").GetString());
        foreach (var forbidden in new[] { "user/bob/orders", "room/kitchen" })
        {
            await anna.SendAsync(new { type = "subscribe", id = 1, channel = forbidden });
            Assert.Equal("forbidden", await anna.ExpectErrorAsync());
        }
    }
}
