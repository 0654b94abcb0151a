using System.Security.Claims;
using System.Security.Cryptography;
using MessageBus.Access;
using MessageBus.Gateway.Jwt;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.UnitTests.Gateway.Jwt;

/// <summary>Tokens of the right key, judged by what they claim.</summary>
public sealed class TokenClaimsTests : IDisposable
{
    private readonly Judge _judge = new(("Secret", Tokens.Secret));

    [Theory]
    [InlineData(1, null)]
    [InlineData(0, null)]
    [InlineData(-59, null)]
    [InlineData(-60, nameof(TokenFault.Expired))]
    [InlineData(-3600, nameof(TokenFault.Expired))]
    public async Task Token_counts_for_a_minute_beyond_its_exp(int seconds, string? fault)
    {
        Assert.Equal(fault, (await _judge.FaultAsync(Tokens.Hs256(new { exp = Judge.At(seconds) })))?.ToString());
    }

    [Theory]
    [InlineData(-3600, null)]
    [InlineData(60, null)]
    [InlineData(61, nameof(TokenFault.NotYetValid))]
    public async Task Token_counts_a_minute_before_its_nbf(int seconds, string? fault)
    {
        Assert.Equal(fault, (await _judge.FaultAsync(Tokens.Hs256(new { exp = Judge.At(7200), nbf = Judge.At(seconds) })))?.ToString());
    }

    [Theory]
    [InlineData("1767229200", null)]
    [InlineData("1767229200.5", null)]
    [InlineData("1.7672292e9", null)]
    [InlineData("253402300799", null)]
    [InlineData("\"1767229200\"", nameof(TokenFault.BadClaim))]
    [InlineData("true", nameof(TokenFault.BadClaim))]
    [InlineData("null", nameof(TokenFault.BadClaim))]
    [InlineData("[1767229200]", nameof(TokenFault.BadClaim))]
    [InlineData("-1", nameof(TokenFault.BadClaim))]
    [InlineData("1e999", nameof(TokenFault.BadClaim))]
    [InlineData("99999999999999999999", nameof(TokenFault.BadClaim))]
    [InlineData("0", nameof(TokenFault.Expired))]
    public async Task Exp_is_a_number_with_or_without_a_fraction(string exp, string? fault)
    {
        // The test's clock begins at 1767225600, 2026-01-01.
        Assert.Equal(fault, (await _judge.FaultAsync(Tokens.Make("""{"alg":"HS256"}""", $$"""{"exp":{{exp}}}""", Tokens.Hmac())))?.ToString());
    }

    [Fact]
    public async Task Token_that_never_ends_is_refused()
    {
        Assert.Equal(TokenFault.NoExpiry, await _judge.FaultAsync(Tokens.Hs256(new { sub = "42" })));
    }

    [Theory]
    [InlineData("\"gateway\"", null)]
    [InlineData("""["other","gateway"]""", null)]
    [InlineData("\"other\"", nameof(TokenFault.WrongAudience))]
    [InlineData("""["other","gatewa"]""", nameof(TokenFault.WrongAudience))]
    [InlineData("[]", nameof(TokenFault.WrongAudience))]
    [InlineData("\"Gateway\"", nameof(TokenFault.WrongAudience))]
    [InlineData("""["gateway",7]""", nameof(TokenFault.BadClaim))]
    [InlineData("""[["gateway"]]""", nameof(TokenFault.BadClaim))]
    [InlineData("""{"gateway":true}""", nameof(TokenFault.BadClaim))]
    public async Task Audience_is_a_text_or_an_array_that_names_the_gateway(string aud, string? fault)
    {
        using var judge = new Judge(("Secret", Tokens.Secret), ("Audience", "gateway"));

        Assert.Equal(fault, (await judge.FaultAsync(Tokens.Make("""{"alg":"HS256"}""", $$"""{"exp":{{Judge.At(60)}},"aud":{{aud}}}""", Tokens.Hmac())))?.ToString());
        Assert.Equal(TokenFault.WrongAudience, await judge.FaultAsync(Tokens.Hs256(new { exp = Judge.At(60) })));
    }

    [Fact]
    public async Task Token_for_an_audience_is_refused_where_the_gateway_has_no_name()
    {
        Assert.Equal(TokenFault.WrongAudience, await _judge.FaultAsync(Tokens.Hs256(new { exp = Judge.At(60), aud = "gateway" })));
    }

    [Theory]
    [InlineData("\"https://ours\"", null)]
    [InlineData("\"https://ours/\"", nameof(TokenFault.WrongIssuer))]
    [InlineData("[\"https://ours\"]", nameof(TokenFault.WrongIssuer))]
    [InlineData("null", nameof(TokenFault.WrongIssuer))]
    public async Task Issuer_is_exactly_the_configured_one(string iss, string? fault)
    {
        using var judge = new Judge(("Secret", Tokens.Secret), ("Issuer", "https://ours"));

        Assert.Equal(fault, (await judge.FaultAsync(Tokens.Make("""{"alg":"HS256"}""", $$"""{"exp":{{Judge.At(60)}},"iss":{{iss}}}""", Tokens.Hmac())))?.ToString());
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    [InlineData("RS384")]
    [InlineData("RS512")]
    [InlineData("PS384")]
    [InlineData("PS512")]
    [InlineData("ES384")]
    [InlineData("ES512")]
    [InlineData("HS256")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    public async Task Each_algorithm_is_accepted_with_its_kind_of_key_and_no_other(string algorithm)
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var p521 = ECDsa.Create(ECCurve.NamedCurves.nistP521);
        using var all = new Judge(
            ("Secret", Tokens.Secret), ("PublicKeys:0:Pem", Judge.Rsa.ExportSubjectPublicKeyInfoPem()), ("PublicKeys:1:Pem", Judge.Elliptic.ExportSubjectPublicKeyInfoPem()),
            ("PublicKeys:2:Pem", p384.ExportSubjectPublicKeyInfoPem()), ("PublicKeys:3:Pem", p521.ExportSubjectPublicKeyInfoPem()));
        var secret = System.Text.Encoding.UTF8.GetBytes(Tokens.Secret);
        var signers = new Dictionary<string, Func<byte[], byte[]>>
        {
            ["RS256"] = Tokens.Rs256(Judge.Rsa),
            ["PS256"] = Tokens.Ps256(Judge.Rsa),
            ["ES256"] = Tokens.Es256(Judge.Elliptic),
            ["RS384"] = data => Judge.Rsa.SignData(data, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1),
            ["RS512"] = data => Judge.Rsa.SignData(data, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
            ["PS384"] = data => Judge.Rsa.SignData(data, HashAlgorithmName.SHA384, RSASignaturePadding.Pss),
            ["PS512"] = data => Judge.Rsa.SignData(data, HashAlgorithmName.SHA512, RSASignaturePadding.Pss),
            ["ES384"] = data => p384.SignData(data, HashAlgorithmName.SHA384),
            ["ES512"] = data => p521.SignData(data, HashAlgorithmName.SHA512),
            ["HS256"] = Tokens.Hmac(),
            ["HS384"] = data => HMACSHA384.HashData(secret, data),
            ["HS512"] = data => HMACSHA512.HashData(secret, data),
        };

        foreach (var (name, sign) in signers)
        {
            var token = Tokens.Make($$"""{"alg":"{{algorithm}}"}""", $$"""{"exp":{{Judge.At(60)}}}""", sign);

            Assert.Equal(name == algorithm ? null : TokenFault.WrongSignature, await all.FaultAsync(token));
        }
    }

    [Fact]
    public async Task Algorithms_can_be_narrowed()
    {
        using var judge = new Judge(("PublicKeys:0:Pem", Judge.Rsa.ExportSubjectPublicKeyInfoPem()), ("Algorithms:0", "PS256"));
        var payload = $$"""{"exp":{{Judge.At(60)}}}""";

        Assert.Null(await judge.FaultAsync(Tokens.Make("""{"alg":"PS256"}""", payload, Tokens.Ps256(Judge.Rsa))));
        Assert.Equal(TokenFault.WrongAlgorithm, await judge.FaultAsync(Tokens.Make("""{"alg":"RS256"}""", payload, Tokens.Rs256(Judge.Rsa))));
    }

    [Fact]
    public async Task Claims_keep_their_names_and_an_array_is_a_claim_for_each_value()
    {
        var token = Tokens.Make(
            """{"alg":"HS256"}""",
            $$"""{"sub":"42","exp":{{Judge.At(60)}},"role":["staff","admin"],"mb.sub":["chat/**"],"level":7,"vip":true,"gone":null,"where":{"city":"Köln"} }""",
            Tokens.Hmac());

        var accepted = (await _judge.ValidateAsync(token))!;

        Assert.True(accepted.Principal.Identity!.IsAuthenticated);
        Assert.Equal("42", accepted.Principal.FindFirstValue("sub"));
        Assert.True(accepted.Principal.IsInRole("admin"));
        Assert.False(accepted.Principal.IsInRole("owner"));
        Assert.Equal("chat/**", accepted.Principal.FindFirstValue("mb.sub"));
        Assert.Equal("7", accepted.Principal.FindFirstValue("level"));
        Assert.Equal("true", accepted.Principal.FindFirstValue("vip"));
        Assert.Null(accepted.Principal.FindFirst("gone"));
        Assert.Equal("""{"city":"Köln"}""", accepted.Principal.FindFirstValue("where"));
    }

    [Fact]
    public async Task User_is_sub_whatever_other_claims_are_called()
    {
        const string Others = """
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier":"admin","HTTP://schemas.xmlsoap.org/ws/2005/05/identity/claims/NameIdentifier":"admin","SUB":["admin"],"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name":"admin",
            "nameid":"admin","nameidentifier":"admin","unique_name":"admin","name":"admin","preferred_username":"admin","upn":"admin","oid":"admin","uid":"admin","Sub":"admin","user":"admin"
            """;
        string Token(string sub) => Tokens.Make("""{"alg":"HS256"}""", $$"""{{{Others}},{{sub}}"exp":{{Judge.At(60)}}}""", Tokens.Hmac());

        Assert.Equal("42", Caller.Of((await _judge.ValidateAsync(Token("\"sub\":\"42\",")))!.Principal).User);
        Assert.Null(Caller.Of((await _judge.ValidateAsync(Token("")))!.Principal).User);
    }

    [Theory]
    [InlineData("role", """{"role":["admin"]}""", true)]
    [InlineData("realm_access.roles", """{"realm_access":{"roles":["offline_access","admin"]}}""", true)]
    [InlineData("realm_access.roles", """{"realm_access":{"roles":{"admin":true}}}""", false)]
    [InlineData("realm_access.roles", """{"realm_access":["admin"],"roles":["admin"]}""", false)]
    [InlineData("realm_access.roles", """{"realm_access.roles":"staff","realm_access":{"roles":["admin"]}}""", false)]
    [InlineData("https://example.com/roles", """{"https://example.com/roles":["admin"]}""", true)]
    [InlineData("role", """{"realm_access":{"role":["admin"]}}""", false)]
    [InlineData("role", """{"Role":["admin"],"role":"staff"}""", false)]
    public async Task Roles_stand_in_the_claim_that_is_named_also_inside_another(string claim, string claims, bool isAdmin)
    {
        using var judge = new Judge(("Secret", Tokens.Secret), ("RoleClaim", claim));

        var accepted = await judge.ValidateAsync(Tokens.Make("""{"alg":"HS256"}""", $$"""{"exp":{{Judge.At(60)}},{{claims[1..]}}""", Tokens.Hmac()));

        Assert.Equal(isAdmin, accepted!.Principal.IsInRole("admin"));
    }

    /// <summary>A connection keeps its principal for as long as it lives; IdentityModel's own would keep the token.</summary>
    [Fact]
    public async Task Nothing_that_a_connection_keeps_holds_the_token()
    {
        var accepted = (await _judge.ValidateAsync(Tokens.Hs256(new { sub = "42", exp = Judge.At(60) })))!;

        var identity = Assert.Single(accepted.Principal.Identities);
        Assert.Equal(typeof(ClaimsIdentity), identity.GetType());
        Assert.Null(identity.BootstrapContext);
        Assert.All(identity.Claims, claim => Assert.Empty(claim.Properties));
    }

    [Fact]
    public async Task User_that_is_no_text_is_refused()
    {
        Assert.Equal(TokenFault.BadClaim, await _judge.FaultAsync(Tokens.Hs256(new { sub = 42, exp = Judge.At(60) })));
    }

    [Fact]
    public async Task Connection_ends_at_exp_and_one_let_in_later_at_the_end_of_the_skew()
    {
        Assert.Equal(Judge.At(30), (await _judge.ValidateAsync(Tokens.Hs256(new { exp = Judge.At(30) })))!.Expires!.Value.ToUnixTimeSeconds());
        Assert.Equal(Judge.At(50), (await _judge.ValidateAsync(Tokens.Hs256(new { exp = Judge.At(-10) })))!.Expires!.Value.ToUnixTimeSeconds());
    }

    public void Dispose() => _judge.Dispose();
}
