using System.Net;
using System.Security.Cryptography;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.UnitTests.Gateway.Jwt;

/// <summary>An issuer's server: a JWK set, and beside it a discovery document.</summary>
internal sealed class Issuer : HttpMessageHandler
{
    /// <summary>What it answers: a document, <c>absent</c>, or <c>500</c>.</summary>
    public string Answer { get; set; } = "absent";

    /// <summary>What it answers where a discovery document is asked for.</summary>
    public string Discovery { get; set; } = """{"issuer":"https://login.example.com","jwks_uri":"https://login.example.com/keys"}""";

    public int Requests { get; private set; }

    public string? LastAddress { get; private set; }

    public static string Set(params string[] keys) => $$"""{"keys":[{{string.Join(',', keys)}}]}""";

    public static string Jwk(string kid, RSA key, string more = "")
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return $$"""{"kty":"RSA","use":"sig","kid":"{{kid}}",{{more}}"n":"{{Tokens.Encode(parameters.Modulus!)}}","e":"{{Tokens.Encode(parameters.Exponent!)}}"}""";
    }

    public void Publish(string kid, RSA key) => Answer = Set(Jwk(kid, key));

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests++;
        LastAddress = request.RequestUri!.ToString();
        return (LastAddress.EndsWith("/.well-known/openid-configuration", StringComparison.Ordinal) ? Discovery : Answer) switch
        {
            "absent" => Task.FromException<HttpResponseMessage>(new HttpRequestException("No connection could be made.")),
            "500" => Task.FromResult(new HttpResponseMessage(HttpStatusCode.InternalServerError)),
            var document => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(document) }),
        };
    }
}
