using MessageBus.IntegrationTests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace MessageBus.IntegrationTests.Readme;

/// <summary>The C# of README.md that shows how to use the library in an app is compiled, and does what is said.</summary>
public sealed class ReadmeSnippetTests
{
    private const string Source = "tests/MessageBus.IntegrationTests/Readme/CookieSite.cs";

    [Theory]
    [InlineData("cookie site")]
    [InlineData("rights in code")]
    public void Snippet_stands_in_the_README_as_it_is_compiled(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(GatewayProcess.RepositoryRoot, Source)).Select(line => line.Trim());
        var snippet = lines.SkipWhile(line => line != $"// README: {name}").Skip(1).TakeWhile(line => line is not "// README: end").ToList();
        var readme = File.ReadAllLines(Path.Combine(GatewayProcess.RepositoryRoot, "README.md")).Select(line => line.Trim());

        Assert.NotEmpty(snippet);
        Assert.Contains(string.Join('\n', snippet), string.Join('\n', readme), StringComparison.Ordinal);
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
