using System.Security.Claims;
using MessageBus.Gateway.Jwt;
using MessageBus.IntegrationTests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessageBus.UnitTests.Gateway.Jwt;

/// <summary>Tokens as the issuers make them that most sites use: header and claims after their documentation, signed with a key of the test.</summary>
public sealed class RealIssuerTests
{
    private static string Times => $"\"iat\":{Judge.At(-5)},\"exp\":{Judge.At(3600)}";

    /// <summary>Issuer, header, claims, the audience and the claim of roles to configure, user, one of the roles.</summary>
    public static TheoryData<string, string, string, string, string, string, string?> Accepted => new()
    {
        {
            "https://sso.example.com/realms/site", """{"alg":"RS256","typ":"JWT","kid":"k"}""",
            $$"""{{{Times}},"jti":"onrtac:1","iss":"https://sso.example.com/realms/site","aud":["gateway","account"],"sub":"f1b4c9e0-2f7a","typ":"Bearer","azp":"web","sid":"s","acr":"1","allowed-origins":["https://example.com"],"realm_access":{"roles":["offline_access","staff"]},"resource_access":{"account":{"roles":["view-profile"]} },"scope":"email profile","email_verified":true,"preferred_username":"ann"}""",
            "gateway", "realm_access.roles", "f1b4c9e0-2f7a", "staff"
        },
        {
            "https://site.eu.auth0.com/", """{"alg":"RS256","typ":"at+jwt","kid":"k"}""",
            $$"""{{{Times}},"iss":"https://site.eu.auth0.com/","sub":"auth0|5f7c8ec7c33c6c004bbafe82","aud":["https://api.example.com","https://site.eu.auth0.com/userinfo"],"azp":"app","scope":"openid","permissions":["read:news"],"https://example.com/roles":["staff"]}""",
            "https://api.example.com", "https://example.com/roles", "auth0|5f7c8ec7c33c6c004bbafe82", "staff"
        },
        {
            "https://login.microsoftonline.com/72f988bf/v2.0", """{"typ":"JWT","alg":"RS256","x5t":"nOo3ZDrODXEK1jKWhXslHR_KXEg","kid":"k"}""",
            $$"""{{{Times}},"nbf":{{Judge.At(-5)}},"aud":"6e74172b-be56-4843","iss":"https://login.microsoftonline.com/72f988bf/v2.0","aio":"ATQAy/8","azp":"web","azpacr":"0","name":"Ann","oid":"690222be","preferred_username":"ann@example.com","rh":"0.AXsA.","roles":["staff"],"scp":"access","sub":"HKZpfaHyWadeOouYlit","tid":"72f988bf","uti":"fqiBqXLP","ver":"2.0"}""",
            "6e74172b-be56-4843", "roles", "HKZpfaHyWadeOouYlit", "staff"
        },
        {
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1", """{"kid":"k","alg":"RS256"}""",
            $$"""{{{Times}},"sub":"aaaaaaaa-bbbb","cognito:groups":["staff"],"email_verified":true,"iss":"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1","cognito:username":"ann","origin_jti":"o","aud":"3n4b5urk1ft4fl3mg5e62d9ado","event_id":"e","token_use":"id","auth_time":{{Judge.At(-5)}},"jti":"j"}""",
            "3n4b5urk1ft4fl3mg5e62d9ado", "cognito:groups", "aaaaaaaa-bbbb", "staff"
        },
        {
            "https://site.okta.com/oauth2/default", """{"kid":"k","alg":"RS256"}""",
            $$"""{{{Times}},"ver":1,"jti":"AT.x","iss":"https://site.okta.com/oauth2/default","aud":"api://default","cid":"0oa","uid":"00u","scp":["openid"],"auth_time":{{Judge.At(-5)}},"sub":"ann@example.com","groups":["Everyone","staff"]}""",
            "api://default", "groups", "ann@example.com", "staff"
        },
        {
            "https://securetoken.google.com/site-1", """{"alg":"RS256","kid":"k","typ":"JWT"}""",
            $$"""{{{Times}},"name":"Ann","iss":"https://securetoken.google.com/site-1","aud":"site-1","auth_time":{{Judge.At(-5)}},"user_id":"Xq1","sub":"Xq1","email":"ann@example.com","firebase":{"identities":{"google.com":["1"],"email":["ann@example.com"]},"sign_in_provider":"google.com"} }""",
            "site-1", "role", "Xq1", null
        },
    };

    [Theory]
    [MemberData(nameof(Accepted))]
    public async Task Token_is_accepted_with_its_user_and_roles(string issuer, string header, string claims, string audience, string roleClaim, string user, string? role)
    {
        using var gateway = Gateway(issuer, audience, roleClaim);

        var accepted = await gateway.ValidateAsync(Tokens.Make(header, claims, Tokens.Rs256(Judge.Rsa)));

        Assert.Equal(user, accepted!.Principal.FindFirstValue("sub"));
        Assert.Equal(role is not null, accepted.Principal.IsInRole("staff"));
    }

    public static TheoryData<string, string, string, string> Refused => new()
    {
        // An access token of Cognito names its client in 'client_id' and has no audience; its ID token is the one to use.
        { """{"kid":"k","alg":"RS256"}""", $$"""{{{Times}},"iss":"https://issuer","sub":"1","client_id":"gateway","token_use":"access","scope":"openid"}""", nameof(TokenFault.WrongAudience), "Its audience ('aud') is not given; right is \"gateway\"." },

        // Keycloak without a mapper for the audience.
        { """{"kid":"k","alg":"RS256"}""", $$"""{{{Times}},"iss":"https://issuer","sub":"1","aud":"account","azp":"gateway"}""", nameof(TokenFault.WrongAudience), "Its audience ('aud') is \"account\"" },

        // Entra: a token of its first version.
        { """{"kid":"k","alg":"RS256"}""", $$"""{{{Times}},"iss":"https://sts.windows.net/72f988bf/","sub":"1","aud":"gateway"}""", nameof(TokenFault.WrongIssuer), "Its issuer ('iss') is \"https://sts.windows.net/72f988bf/\"; right is \"https://issuer\"" },

        // Auth0 with a shared secret, Keycloak with Ed25519.
        { """{"alg":"HS256","typ":"JWT"}""", $$"""{{{Times}},"iss":"https://issuer","sub":"1","aud":"gateway"}""", nameof(TokenFault.WrongAlgorithm), "Its algorithm is \"HS256\"; this gateway's keys accept RS256" },
        { """{"kid":"k","alg":"EdDSA"}""", $$"""{{{Times}},"iss":"https://issuer","sub":"1","aud":"gateway"}""", nameof(TokenFault.WrongAlgorithm), "Its algorithm is \"EdDSA\"" },

        // Service accounts of Firebase sign tokens for their own API, which end nowhere in sight.
        { """{"kid":"k","alg":"RS256"}""", """{"iss":"https://issuer","sub":"1","aud":"gateway","iat":1}""", nameof(TokenFault.NoExpiry), "It has no 'exp'" },

        // Entra with 200 groups.
        { """{"kid":"k","alg":"RS256"}""", $$"""{{{Times}},"iss":"https://issuer","sub":"1","aud":"gateway","groups":["{{new string('g', 8000)}}"]}""", nameof(TokenFault.TooLong), "a token has at most 8192" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Token_that_cannot_be_accepted_is_refused_in_clear_words(string header, string claims, string fault, string words)
    {
        using var gateway = Gateway("https://issuer", "gateway", "role");

        var problem = Assert.Single(await gateway.Validator.ExplainAsync(Tokens.Make(header, claims, Tokens.Rs256(Judge.Rsa)), CancellationToken.None), each => each.Fault.ToString() == fault);

        Assert.Contains(words, problem.Words, StringComparison.Ordinal);
    }

    private static Judge Gateway(string issuer, string audience, string roleClaim) => new(
        source => new JwksCache(source, new HttpClient(new Issuer { Answer = Issuer.Set(Issuer.Jwk("k", Judge.Rsa, "\"alg\":\"RS256\",")) }), TimeProvider.System, NullLogger.Instance),
        ("JwksUrl", "https://login.example.com/keys"), ("Issuer", issuer), ("Audience", audience), ("RoleClaim", roleClaim));
}
