using System.Security.Cryptography;
using MessageBus.Gateway.Jwt;
using MessageBus.IntegrationTests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessageBus.UnitTests.Gateway.Jwt;

/// <summary>Keys that an issuer publishes, through a validator.</summary>
public sealed class JwksCacheTests : IDisposable
{
    private readonly Issuer _issuer = new();
    private readonly FakeTimeProvider _jwksTime = new();
    private Judge? _judge;

    /// <summary>Fetches the keys as soon as it is made, so it is made when the test first needs it.</summary>
    private Judge Gateway => _judge ??= new Judge(
        source => new JwksCache(source, new HttpClient(_issuer), _jwksTime, NullLogger.Instance),
        ("JwksUrl", "https://login.example.com/keys"), ("Issuer", "https://login.example.com"), ("Audience", "gateway"));

    [Fact]
    public async Task Keys_are_fetched_once_and_used_for_many_tokens()
    {
        _issuer.Publish("a", Judge.Rsa);

        for (var n = 0; n < 10; n++)
        {
            Assert.Null(await Gateway.FaultAsync(Token("a", Judge.Rsa)));
        }

        Assert.Equal(1, _issuer.Requests);
        Assert.Equal("https://login.example.com/keys", _issuer.LastAddress);
    }

    [Fact]
    public async Task Unknown_key_is_looked_for_at_most_once_a_minute()
    {
        using var next = RSA.Create(2048);
        _issuer.Publish("a", Judge.Rsa);
        Assert.Null(await Gateway.FaultAsync(Token("a", Judge.Rsa)));

        _issuer.Publish("b", next);
        for (var n = 0; n < 20; n++)
        {
            Assert.Equal(TokenFault.UnknownKey, await Gateway.FaultAsync(Token("b", next)));
        }

        Assert.Equal(1, _issuer.Requests);
        _jwksTime.Advance(JwksCache.MinInterval);
        Assert.Null(await Gateway.FaultAsync(Token("b", next)));
        Assert.Equal(TokenFault.UnknownKey, await Gateway.FaultAsync(Token("a", Judge.Rsa)));
        Assert.Equal(2, _issuer.Requests);
    }

    [Theory]
    [InlineData("absent")]
    [InlineData("500")]
    [InlineData("nonsense")]
    [InlineData("""{"keys":[]}""")]
    [InlineData("""{"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"a"}]}""")]
    [InlineData("""{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"a"},{"kty":7},null,{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}""")]
    public async Task Keys_survive_the_absence_and_the_nonsense_of_the_server(string answer)
    {
        _issuer.Publish("a", Judge.Rsa);
        Assert.Null(await Gateway.FaultAsync(Token("a", Judge.Rsa)));

        _issuer.Answer = answer;
        _jwksTime.Advance(TimeSpan.FromHours(25));

        Assert.Equal(TokenFault.UnknownKey, await Gateway.FaultAsync(Token("b", Judge.Rsa)));
        Assert.Null(await Gateway.FaultAsync(Token("a", Judge.Rsa)));
        Assert.True(_issuer.Requests > 1);
    }

    [Fact]
    public async Task Absent_server_lets_nobody_in_and_is_found_when_it_comes()
    {
        _issuer.Answer = "absent";
        Assert.Equal(TokenFault.UnknownKey, await Gateway.FaultAsync(Token("a", Judge.Rsa)));

        _issuer.Publish("a", Judge.Rsa);
        _jwksTime.Advance(TimeSpan.FromSeconds(5));

        Assert.Null(await Gateway.FaultAsync(Token("a", Judge.Rsa)));
    }

    [Fact]
    public async Task Key_that_the_issuer_has_withdrawn_goes_after_an_hour()
    {
        using var next = RSA.Create(2048);
        _issuer.Publish("a", Judge.Rsa);
        Assert.Null(await Gateway.FaultAsync(Token("a", Judge.Rsa)));
        _issuer.Publish("b", next);

        _jwksTime.Advance(JwksCache.MaxAge);
        await Gateway.FaultAsync(Token("b", next));

        Assert.Equal(TokenFault.UnknownKey, await Gateway.FaultAsync(Token("a", Judge.Rsa)));
    }

    [Fact]
    public async Task Published_RSA_key_is_no_secret()
    {
        _issuer.Publish("a", Judge.Rsa);

        var forged = Tokens.Make("""{"alg":"HS256","kid":"a"}""", Payload, data => HMACSHA256.HashData(Judge.Rsa.ExportSubjectPublicKeyInfo(), data));

        Assert.Equal(TokenFault.WrongAlgorithm, await Gateway.FaultAsync(forged));
    }

    public void Dispose()
    {
        _judge?.Dispose();
        _issuer.Dispose();
    }

    private static string Payload => $$"""{"sub":"42","iss":"https://login.example.com","aud":"gateway","exp":{{Judge.At(60)}}}""";

    private static string Token(string kid, RSA key) => Tokens.Make($$"""{"alg":"RS256","kid":"{{kid}}"}""", Payload, Tokens.Rs256(key));
}
