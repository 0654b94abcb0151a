using System.Net;
using System.Security.Cryptography;
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
        var address = $"http://127.0.0.1:{FreePort.Next()}";
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
    public async Task A_gateway_starts_while_the_server_of_the_keys_is_absent()
    {
        await using var gateway = GatewayApp.Start(
            ("MessageBus:AllowAnonymous", "false"), ("MessageBus:Jwt:JwksUrl", $"http://127.0.0.1:{FreePort.Next()}/keys"), ("MessageBus:Jwt:Issuer", "https://issuer"),
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

    private static string Token(string kid) => Tokens.Make(
        $$"""{"alg":"RS256","kid":"{{kid}}"}""",
        $$"""{"sub":"42","iss":"https://issuer","aud":"gateway","exp":{{Tokens.In(TimeSpan.FromHours(1))}}}""",
        Tokens.Rs256(Rsa));

    private static Task<HttpStatusCode> StatusAsync(GatewayApp gateway, string token) => Upgrade.StatusAsync(gateway, ("Authorization", $"Bearer {token}"));

    private static async Task<WebApplication> PublishAsync(string address, string kid)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls(address);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var parameters = Rsa.ExportParameters(includePrivateParameters: false);
        app.Run(context => context.Response.WriteAsync(
            $$"""{"keys":[{"kty":"RSA","use":"sig","kid":"{{kid}}","n":"{{Tokens.Encode(parameters.Modulus!)}}","e":"{{Tokens.Encode(parameters.Exponent!)}}"}]}"""));
        await app.StartAsync();
        return app;
    }
}
