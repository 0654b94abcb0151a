using MessageBus.Gateway.Jwt;
using MessageBus.IntegrationTests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessageBus.UnitTests.Gateway.Jwt;

/// <summary>Odd keys in a JWK set, each before and behind a good one: the good one works, and the odd one lets nobody in.</summary>
public sealed class OddKeyTests
{
    public static TheoryData<string> Odd =>
    [
        "null", "7", "\"key\"", "[]", "{}", "true",
        """{"kty":null}""", """{"kty":7,"kid":"odd"}""", """{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"odd"}""",
        """{"kty":"oct","k":"c2VjcmV0IHRoYXQgaXMgbG9uZyBlbm91Z2ggZm9yIEhTMjU2","kid":"odd"}""",
        """{"kty":"RSA","kid":"odd"}""", """{"kty":"RSA","kid":"odd","n":"","e":"AQAB"}""", """{"kty":"RSA","kid":"odd","n":"AQAB","e":"AQAB"}""",
        """{"kty":"RSA","kid":"odd","n":"not base64url!","e":"AQAB"}""", """{"kty":"RSA","kid":"odd","n":7,"e":"AQAB"}""", """{"kty":"RSA","kid":"odd","n":"AQAB","e":""}""",
        """{"kty":"RSA","kid":7,"use":["sig"],"n":"AQAB","e":"AQAB"}""", """{"kty":"RSA","kid":"\ud800","n":"AQAB","e":"AQAB"}""", """{"kty":"RSA","n":"AQAB","n":"AQAC","e":"AQAB"}""",
        """{"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"odd"}""", """{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA","kid":"odd"}""", """{"kty":"EC","kid":"odd"}""",
        """{"kty":"EC","crv":"P-521","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","kid":"odd"}""",
        """{"kty":"RSA","kid":"odd","x5c":["no certificate"]}""", """{"kty":"RSA","kid":"odd","x5c":7,"x5t":{},"key_ops":"verify","n":"AQAB","e":"AQAB"}""",
        Issuer.Jwk("odd", Judge.Rsa, "\"alg\":\"RSA-OAEP\","), Issuer.Jwk("odd", Judge.Rsa, "\"alg\":7,"),
        Issuer.Jwk("odd", Judge.Rsa, "").Replace("\"sig\"", "\"enc\"", StringComparison.Ordinal),
        Issuer.Jwk("odd", System.Security.Cryptography.RSA.Create(1024)),
    ];

    [Theory]
    [MemberData(nameof(Odd))]
    public async Task Odd_key_does_not_disable_the_good_one_beside_it(string odd)
    {
        var good = Issuer.Jwk("good", Judge.Rsa, "\"alg\":\"RS256\",\"x5c\":[\"MIIB\"],\"x5t\":\"abc\",\"key_ops\":[\"verify\"],\"unknown\":{\"a\":[1]},");

        Assert.Null(await FaultAsync("good", odd, good));
        Assert.Null(await FaultAsync("good", good, odd));
        Assert.Null(await FaultAsync("good", [.. Enumerable.Repeat(odd, 100), good]));
        Assert.Equal(TokenFault.UnknownKey, await FaultAsync("odd", good, odd));
    }

    private static async Task<TokenFault?> FaultAsync(string kid, params string[] keys)
    {
        using var issuer = new Issuer { Answer = Issuer.Set(keys) };
        using var judge = new Judge(
            source => new JwksCache(source, new HttpClient(issuer), TimeProvider.System, NullLogger.Instance),
            ("JwksUrl", "https://login.example.com/keys"), ("Issuer", "https://login.example.com"), ("Audience", "gateway"));
        var payload = $$"""{"sub":"42","iss":"https://login.example.com","aud":"gateway","exp":{{Judge.At(60)}}}""";
        return await judge.FaultAsync(Tokens.Make($$"""{"alg":"RS256","kid":"{{kid}}"}""", payload, Tokens.Rs256(Judge.Rsa)));
    }
}
