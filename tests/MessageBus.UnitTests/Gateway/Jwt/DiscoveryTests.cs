using System.Security.Cryptography;
using MessageBus.Gateway.Jwt;
using MessageBus.IntegrationTests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessageBus.UnitTests.Gateway.Jwt;

/// <summary>An issuer that is named by <c>MessageBus:Jwt:Authority</c>: OpenID Connect Discovery 1.0.</summary>
public sealed class DiscoveryTests : IDisposable
{
    private readonly Issuer _issuer = new() { Answer = Issuer.Set(Issuer.Jwk("a", Judge.Rsa)) };
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData("https://login.example.com")]
    [InlineData("https://login.example.com/")]
    [InlineData("http://localhost:8080/realms/site")]
    public async Task Keys_and_issuer_are_those_that_the_document_names(string authority)
    {
        using var gateway = Gateway(authority);

        Assert.Null(await gateway.FaultAsync(Token("https://login.example.com")));
        Assert.Equal(TokenFault.WrongIssuer, await gateway.FaultAsync(Token("https://login.example.com/")));
        Assert.Equal("https://login.example.com/keys", _issuer.LastAddress);
        Assert.Equal(2, _issuer.Requests);
    }

    [Fact]
    public async Task Configured_issuer_counts_more_than_the_discovered_one()
    {
        using var gateway = Gateway("https://login.example.com", ("Issuer", "https://sts.example.com/"));

        Assert.Null(await gateway.FaultAsync(Token("https://sts.example.com/")));
        Assert.Equal(TokenFault.WrongIssuer, await gateway.FaultAsync(Token("https://login.example.com")));
    }

    [Theory]
    [InlineData("absent")]
    [InlineData("500")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"issuer":7,"jwks_uri":"https://login.example.com/keys"}""")]
    [InlineData("""{"issuer":"","jwks_uri":"https://login.example.com/keys"}""")]
    [InlineData("""{"issuer":"https://login.example.com"}""")]
    [InlineData("""{"issuer":"https://login.example.com","jwks_uri":"http://login.example.com/keys"}""")]
    [InlineData("""{"issuer":"https://login.example.com","jwks_uri":"file:///etc/passwd"}""")]
    [InlineData("""{"issuer":"https://login.microsoftonline.com/{tenantid}/v2.0","jwks_uri":"https://login.example.com/keys"}""")]
    public async Task Document_that_cannot_be_used_lets_nobody_in_and_keeps_the_keys_that_were_fetched(string document)
    {
        var right = _issuer.Discovery;
        _issuer.Discovery = document;
        using var gateway = Gateway("https://login.example.com");
        Assert.Equal(TokenFault.UnknownKey, await gateway.FaultAsync(Token("https://login.example.com")));

        _issuer.Discovery = right;
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(await gateway.FaultAsync(Token("https://login.example.com")));

        _issuer.Discovery = document;
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(TokenFault.UnknownKey, await gateway.FaultAsync(Token("https://login.example.com", "b")));
        Assert.Null(await gateway.FaultAsync(Token("https://login.example.com")));
    }

    /// <summary>The address of the keys may change too.</summary>
    [Fact]
    public async Task Unknown_key_is_looked_for_at_most_once_a_minute()
    {
        using var next = RSA.Create(2048);
        using var gateway = Gateway("https://login.example.com");
        Assert.Null(await gateway.FaultAsync(Token("https://login.example.com")));

        _issuer.Answer = Issuer.Set(Issuer.Jwk("b", next));
        for (var n = 0; n < 20; n++)
        {
            Assert.Equal(TokenFault.UnknownKey, await gateway.FaultAsync(Token("https://login.example.com", "b", next)));
        }

        Assert.Equal(2, _issuer.Requests);
        _time.Advance(JwksCache.MinInterval);
        Assert.Null(await gateway.FaultAsync(Token("https://login.example.com", "b", next)));
        Assert.Equal(4, _issuer.Requests);
    }

    public void Dispose() => _issuer.Dispose();

    private static string Token(string issuer, string kid = "a", RSA? key = null) => Tokens.Make(
        $$"""{"alg":"RS256","kid":"{{kid}}"}""", $$"""{"sub":"42","iss":"{{issuer}}","aud":"gateway","exp":{{Judge.At(60)}}}""", Tokens.Rs256(key ?? Judge.Rsa));

    private Judge Gateway(string authority, params (string, string?)[] more) => new(
        source => new JwksCache(source, new HttpClient(_issuer), _time, NullLogger.Instance), [("Authority", authority), ("Audience", "gateway"), .. more]);
}
