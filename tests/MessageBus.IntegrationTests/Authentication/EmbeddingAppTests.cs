using System.Net;
using System.Security.Claims;
using MessageBus.Access;
using MessageBus.Authentication;
using MessageBus.IntegrationTests.Support;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MessageBus.IntegrationTests.Authentication;

/// <summary>An app with MessageBus inside keeps its own authentication: a connection is whoever HttpContext.User is.</summary>
public sealed class EmbeddingAppTests
{
    [Fact]
    public async Task The_cookie_of_a_site_opens_a_connection_of_its_user()
    {
        await using var app = await StartAsync();
        var (cookie, bus) = (await SignInAsync(app), Address(app, "ws", "/bus"));

        var origin = Address(app, "http", "").GetLeftPart(UriPartial.Authority);

        using var response = await OpenAsync(app, ("Cookie", cookie), ("Origin", origin));
        await using var client = await BusClient.OpenAsync(bus, headers: [("Cookie", cookie), ("Origin", origin)]);
        var connected = await client.ConnectAsync();

        Assert.Equal(HttpStatusCode.SwitchingProtocols, response.StatusCode);
        Assert.Equal("anna", connected.GetProperty("user").GetString());
        Assert.InRange(connected.GetProperty("expires").GetInt32(), 1700, 1800);
    }

    [Fact]
    public async Task Without_the_cookie_the_answer_is_401_and_the_host_may_ask_for_more()
    {
        await using var app = await StartAsync();

        using var open = await OpenAsync(app);
        using var guarded = await OpenAsync(app, "/guarded");

        Assert.Equal(HttpStatusCode.Unauthorized, open.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, guarded.StatusCode);
    }

    [Fact]
    public async Task An_app_validates_tokens_of_connect_and_refresh_itself()
    {
        await using var app = await StartAsync(services => services.AddSingleton<ITokenValidator, PassPhrases>());
        var bus = Address(app, "ws", "/bus");
        await using var client = await BusClient.OpenAsync(bus);
        await using var stranger = await BusClient.OpenAsync(bus);

        var connected = await client.ConnectWithAsync("open sesame");
        await client.SendAsync(new { type = "refresh", id = 8, token = "open sesame" });
        await stranger.SendAsync(new { type = "connect", token = "please" });

        Assert.Equal("ali", connected.GetProperty("user").GetString());
        Assert.False(connected.TryGetProperty("expires", out _));
        Assert.False((await client.ExpectAsync("refreshed")).TryGetProperty("expires", out _));
        Assert.Equal(4401, await stranger.ExpectCloseAsync());
    }

    [Fact]
    public async Task A_validator_that_fails_harms_its_connection_only()
    {
        await using var app = await StartAsync(services => services.AddSingleton<ITokenValidator, PassPhrases>());
        var bus = Address(app, "ws", "/bus");
        await using var failing = await BusClient.OpenAsync(bus);
        await using var client = await BusClient.OpenAsync(bus);
        await client.ConnectWithAsync("open sesame");

        await failing.SendAsync(new { type = "connect", token = "fail" });

        Assert.Equal(4500, await failing.ExpectCloseAsync());
        Assert.Equal("internal error", failing.CloseText);
        await client.SubscribeAsync("still/here");
    }

    private static async Task<WebApplication> StartAsync(Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(cookie =>
        {
            cookie.ExpireTimeSpan = TimeSpan.FromMinutes(30);
            cookie.Events.OnRedirectToLogin = context =>
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return Task.CompletedTask;
            };
        });
        builder.Services.AddAuthorization();
        builder.Services.AddMessageBus(bus => bus.Channels.Add(new ChannelRule { Pattern = "**", Subscribe = "authenticated" }));
        configure?.Invoke(builder.Services);

        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapPost("/sign-in", context => context.SignInAsync(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, "anna")], "password"))));
        app.MapMessageBus("/bus");
        app.MapMessageBus("/guarded").RequireAuthorization();
        await app.StartAsync();
        return app;
    }

    private static Uri Address(WebApplication app, string scheme, string path) =>
        new UriBuilder(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) { Scheme = scheme, Path = path }.Uri;

    private static async Task<string> SignInAsync(WebApplication app)
    {
        using var http = new HttpClient(new HttpClientHandler { UseCookies = false });
        using var response = await http.PostAsync(Address(app, "http", "/sign-in"), content: null);
        return response.Headers.GetValues("Set-Cookie").First().Split(';')[0];
    }

    private static Task<HttpResponseMessage> OpenAsync(WebApplication app, params (string Name, string Value)[] headers) => OpenAsync(app, "/bus", headers);

    private static async Task<HttpResponseMessage> OpenAsync(WebApplication app, string path, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient(new HttpClientHandler { UseCookies = false });
        using var request = Upgrade.Request(headers);
        request.RequestUri = Address(app, "http", path);
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private sealed class PassPhrases : ITokenValidator
    {
        public ValueTask<ValidatedToken?> ValidateAsync(string token, CancellationToken cancellationToken) => token switch
        {
            "open sesame" => new(new ValidatedToken(new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "ali")], "phrase")), Expires: null)),
            "fail" => throw new InvalidOperationException("the database is away at 10.0.0.1"),
            _ => new((ValidatedToken?)null),
        };
    }
}
