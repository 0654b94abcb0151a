using System.Net;
using System.Security.Cryptography;
using MessageBus.IntegrationTests.Api;
using MessageBus.IntegrationTests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MessageBus.IntegrationTests.Authentication;

/// <summary>Keys of a real gateway: in files, published by a real server, and changed while it runs.</summary>
public sealed class KeyTests
{
    private static readonly RSA Rsa = RSA.Create(2048);

    [Fact]
    public async Task Keys_that_an_issuer_publishes_let_in_also_when_its_server_is_gone()
    {
        using var port = new HeldPort();
        var address = $"http://{port.Endpoint}";
        var issuer = await PublishAsync(address, "a");
        await using var gateway = GatewayApp.Start(
            ("MessageBus:AllowAnonymous", "false"), ("MessageBus:Jwt:JwksUrl", $"{address}/keys"), ("MessageBus:Jwt:Issuer", "https://issuer"), ("MessageBus:Jwt:Audience", "gateway"));

        Assert.Equal(HttpStatusCode.SwitchingProtocols, await StatusAsync(gateway, Token("a")));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(gateway, Token("b")));

        await issuer.DisposeAsync();
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await StatusAsync(gateway, Token("a")));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(gateway, Token("c")));
    }

    [Fact]
    public async Task Issuer_that_is_named_by_its_address_lets_in_by_its_discovery_document()
    {
        using var port = new HeldPort();
        var address = $"http://{port.Endpoint}";
        await using var issuer = await PublishAsync(address, "a");
        await using var gateway = GatewayApp.Start(("MessageBus:AllowAnonymous", "false"), ("MessageBus:Jwt:Authority", $"{address}/realms/site"), ("MessageBus:Jwt:Audience", "gateway"));

        Assert.Equal(HttpStatusCode.SwitchingProtocols, await StatusAsync(gateway, Token("a")));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(gateway, Token("a", "https://another")));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(gateway, Token("b")));
    }

    [Fact]
    public async Task Keys_are_fetched_from_the_configured_address_and_from_nowhere_that_it_points_to()
    {
        using var port = new HeldPort();
        var address = $"http://{port.Endpoint}";
        var asked = new List<string>();
        await using var issuer = await PublishAsync(address, "a", context =>
        {
            asked.Add(context.Request.Path);
            context.Response.Redirect("/elsewhere");
            return context.Request.Path == "/keys";
        });
        await using var gateway = GatewayApp.Start(
            ("MessageBus:AllowAnonymous", "false"), ("MessageBus:Jwt:JwksUrl", $"{address}/keys"), ("MessageBus:Jwt:Issuer", "https://issuer"), ("MessageBus:Jwt:Audience", "gateway"));

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(gateway, Token("a")));
        Assert.Equal("/keys", Assert.Single(asked.Distinct()));
    }

    [Fact]
    public async Task A_gateway_starts_while_the_server_of_the_keys_is_absent()
    {
        using var nobody = new HeldPort();
        await using var gateway = GatewayApp.Start(
            ("MessageBus:AllowAnonymous", "false"), ("MessageBus:Jwt:JwksUrl", $"http://{nobody.Endpoint}/keys"), ("MessageBus:Jwt:Issuer", "https://issuer"),
            ("MessageBus:Jwt:Audience", "gateway"));

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(gateway, Token("a")));
        Assert.Equal(HttpStatusCode.OK, await gateway.StatusOfAsync("/health/live"));
    }

    [Fact]
    public async Task Keys_change_while_the_gateway_runs_and_wrong_ones_change_nothing()
    {
        const string NewSecret = "the new secret of the tests, longer still";
        await using var gateway = GatewayApp.Start(
            ("MessageBus:AllowAnonymous", "false"), ("MessageBus:Jwt:Secret", Tokens.Secret), ("MessageBus:Channels:0:Pattern", "still/here"), ("MessageBus:Channels:0:Subscribe", "authenticated"));
        var configuration = (IConfigurationRoot)gateway.Services.GetRequiredService<IConfiguration>();
        var (old, @new) = (Tokens.For("42"), Tokens.Hs256(new { sub = "42", exp = Tokens.In(TimeSpan.FromHours(1)) }, NewSecret));
        await using var connected = await BusClient.OpenAsync(gateway.Bus);
        await connected.ConnectWithAsync(old);

        configuration["MessageBus:Jwt:Secret"] = "too short";
        configuration.Reload();
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await StatusAsync(gateway, old));

        configuration["MessageBus:Jwt:Secret"] = NewSecret;
        configuration.Reload();
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await StatusAsync(gateway, @new));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(gateway, old));
        await connected.SubscribeAsync("still/here");
    }

    [Fact]
    public async Task A_mistake_anywhere_keeps_tokens_rules_and_API_keys_as_they_were()
    {
        const string NewSecret = "the new secret of the tests, longer still";
        const string NewKey = "the-next-key-of-the-dashboard-0004";
        await using var gateway = GatewayApp.Start(
        [
            .. Keys.Settings, ("MessageBus:AllowAnonymous", "false"), ("MessageBus:Jwt:Secret", Tokens.Secret), ("MessageBus:Channels:0:Pattern", "a"), ("MessageBus:Channels:0:Subscribe", "authenticated"),
        ]);
        var configuration = (IConfigurationRoot)gateway.Services.GetRequiredService<IConfiguration>();
        var (old, @new) = (Tokens.For("42"), Tokens.Hs256(new { sub = "42", exp = Tokens.In(TimeSpan.FromHours(1)) }, NewSecret));

        // A secret that is right, beside a rule and then a limit that are not; and the other way round.
        Change(("Jwt:Secret", NewSecret), ("Channels:0:Subscribe", "everyone"));
        await NothingHasChangedAsync();
        Change(("Jwt:Secret", NewSecret), ("Channels:0:Subscribe", "authenticated"), ("Limits:MaxPayloadBytes", "0"));
        await NothingHasChangedAsync();
        Change(("Jwt:Secret", "too short"), ("Channels:0:Pattern", "b"), ("ApiKeys:1:Key", NewKey), ("Limits:MaxPayloadBytes", "1000"));
        await NothingHasChangedAsync();

        Change(("Jwt:Secret", NewSecret));
        await Eventually.TrueAsync(async () => await ReadAsync(NewKey) is HttpStatusCode.OK, "the change that is right is taken over");
        Assert.Equal((HttpStatusCode.SwitchingProtocols, HttpStatusCode.Unauthorized), (await StatusAsync(gateway, @new), await StatusAsync(gateway, old)));
        Assert.Equal(HttpStatusCode.Unauthorized, await ReadAsync(Keys.Read));
        Assert.Equal("subscribed forbidden", await RightsAsync(@new, "b", "a"));

        void Change(params (string Key, string Value)[] settings)
        {
            Array.ForEach(settings, setting => configuration[$"MessageBus:{setting.Key}"] = setting.Value);
            configuration.Reload();
        }

        async Task NothingHasChangedAsync()
        {
            Assert.Equal((HttpStatusCode.SwitchingProtocols, HttpStatusCode.Unauthorized), (await StatusAsync(gateway, old), await StatusAsync(gateway, @new)));
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (await ReadAsync(Keys.Read), await ReadAsync(NewKey)));
            Assert.Equal("subscribed forbidden", await RightsAsync(old, "a", "b"));
        }

        Task<HttpStatusCode> ReadAsync(string key) => ApiCall.StatusAsync(gateway.Http, "GET", "/api/channels", ApiCall.With(key));

        async Task<string> RightsAsync(string token, params string[] channels)
        {
            await using var client = await BusClient.OpenAsync(gateway.Bus);
            await client.ConnectWithAsync(token);
            var answers = new List<string>();
            foreach (var channel in channels)
            {
                await client.SendAsync(new { type = "subscribe", id = 1, channel });
                var answer = await client.NextAsync();
                answers.Add((answer.TryGetProperty("code", out var code) ? code : answer.GetProperty("type")).GetString()!);
            }

            return string.Join(' ', answers);
        }
    }

    private static string Token(string kid, string issuer = "https://issuer") => Tokens.Make(
        $$"""{"alg":"RS256","kid":"{{kid}}"}""",
        $$"""{"sub":"42","iss":"{{issuer}}","aud":"gateway","exp":{{Tokens.In(TimeSpan.FromHours(1))}}}""",
        Tokens.Rs256(Rsa));

    private static Task<HttpStatusCode> StatusAsync(GatewayApp gateway, string token) => Upgrade.StatusAsync(gateway, ("Authorization", $"Bearer {token}"));

    private static async Task<WebApplication> PublishAsync(string address, string kid, Func<HttpContext, bool>? isAnswered = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls(address);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var parameters = Rsa.ExportParameters(includePrivateParameters: false);
        app.Run(context => isAnswered?.Invoke(context) is true ? Task.CompletedTask : context.Response.WriteAsync(
            context.Request.Path == "/realms/site/.well-known/openid-configuration" ? $$"""{"issuer":"https://issuer","jwks_uri":"{{address}}/keys","authorization_endpoint":"https://issuer/login","response_types_supported":["code"]}""" :
            $$"""{"keys":[{"kty":"RSA","use":"sig","kid":"{{kid}}","n":"{{Tokens.Encode(parameters.Modulus!)}}","e":"{{Tokens.Encode(parameters.Exponent!)}}"}]}"""));
        await app.StartAsync();
        return app;
    }
}
