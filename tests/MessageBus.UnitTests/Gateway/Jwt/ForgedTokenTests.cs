using System.Security.Cryptography;
using System.Text;
using MessageBus.Gateway.Jwt;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.UnitTests.Gateway.Jwt;

/// <summary>What attackers do to tokens.</summary>
public sealed class ForgedTokenTests : IDisposable
{
    private readonly Judge _secret = new(("Secret", Tokens.Secret));
    private readonly Judge _rsa = new(("PublicKeys:0:Pem", Judge.Rsa.ExportSubjectPublicKeyInfoPem()), ("PublicKeys:0:Id", "2026-01"));

    private static string Payload => $$"""{"sub":"42","exp":{{Judge.At(60)}}}""";

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("nOnE")]
    [InlineData("")]
    [InlineData("hs256")]
    [InlineData("HS256 ")]
    [InlineData("ES512")]
    public async Task Algorithm_that_is_none_of_ours_is_refused_with_and_without_a_signature(string algorithm)
    {
        var header = $$"""{"alg":"{{algorithm}}"}""";

        Assert.Equal(TokenFault.WrongAlgorithm, await _secret.FaultAsync(Tokens.Make(header, Payload, _ => [])));
        Assert.Equal(TokenFault.WrongAlgorithm, await _secret.FaultAsync(Tokens.Make(header, Payload, Tokens.Hmac())));
        Assert.Equal(TokenFault.WrongAlgorithm, await _rsa.FaultAsync(Tokens.Make(header, Payload, _ => [])));
    }

    [Theory]
    [InlineData("""{"alg":["HS256"]}""")]
    [InlineData("""{"alg":null}""")]
    [InlineData("""{"alg":1}""")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("\"HS256\"")]
    [InlineData("""{"alg":"HS256","alg":"none"}""")]
    [InlineData("""{"alg":"none","\u0061lg":"HS256"}""")]
    [InlineData("""{"alg":"HS256","kid":7}""")]
    [InlineData("""{"alg":"HS256","kid":"\ud800"}""")]
    [InlineData("""{"alg":"HS256"} {}""")]
    [InlineData("""{"alg":"HS256",}""")]
    public async Task Header_that_two_readers_could_understand_differently_is_refused(string header)
    {
        Assert.Equal(TokenFault.Malformed, await _secret.FaultAsync(Tokens.Make(header, Payload, Tokens.Hmac())));
    }

    [Theory]
    [InlineData("HS256")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    public async Task RSA_public_key_is_no_secret(string algorithm)
    {
        var header = $$"""{"alg":"{{algorithm}}","kid":"2026-01"}""";
        byte[][] secrets =
        [
            Encoding.UTF8.GetBytes(Judge.Rsa.ExportSubjectPublicKeyInfoPem()), Encoding.UTF8.GetBytes(Judge.Rsa.ExportSubjectPublicKeyInfoPem() + "\n"),
            Judge.Rsa.ExportSubjectPublicKeyInfo(), Judge.Rsa.ExportRSAPublicKey(),
        ];

        foreach (var secret in secrets)
        {
            Assert.Equal(TokenFault.WrongAlgorithm, await _rsa.FaultAsync(Tokens.Make(header, Payload, data => HMACSHA256.HashData(secret, data))));
        }
    }

    [Theory]
    [InlineData("../../../../dev/null")]
    [InlineData("/etc/passwd")]
    [InlineData("x' UNION SELECT 'a secret")]
    [InlineData("2026-01\\u0000")]
    [InlineData("http://evil.example/key")]
    [InlineData("")]
    public async Task Key_id_is_a_name_and_nothing_else(string kid)
    {
        using var own = RSA.Create(2048);

        Assert.Equal(TokenFault.UnknownKey, await _rsa.FaultAsync(Tokens.Make($$"""{"alg":"RS256","kid":"{{kid}}"}""", Payload, Tokens.Rs256(own))));
        Assert.Equal(TokenFault.WrongSignature, await _secret.FaultAsync(Tokens.Make($$"""{"alg":"HS256","kid":"{{kid}}"}""", Payload, data => HMACSHA256.HashData(Array.Empty<byte>(), data))));
    }

    [Fact]
    public async Task Key_that_a_token_brings_along_or_points_to_is_not_used()
    {
        using var own = RSA.Create(2048);
        var parameters = own.ExportParameters(includePrivateParameters: false);
        var jwk = $$"""{"kty":"RSA","n":"{{Tokens.Encode(parameters.Modulus!)}}","e":"{{Tokens.Encode(parameters.Exponent!)}}","kid":"2026-01"}""";
        string[] headers =
        [
            $$"""{"alg":"RS256","kid":"2026-01","jwk":{{jwk}}}""",
            """{"alg":"RS256","kid":"2026-01","jku":"http://127.0.0.1:1/keys.json"}""",
            """{"alg":"RS256","kid":"2026-01","x5u":"http://127.0.0.1:1/key.pem"}""",
            """{"alg":"RS256","kid":"2026-01","x5c":["MIIB"]}""",
        ];

        foreach (var header in headers)
        {
            Assert.Equal(TokenFault.WrongSignature, await _rsa.FaultAsync(Tokens.Make(header, Payload, Tokens.Rs256(own))));

            // They do not make a right token wrong either.
            Assert.Null(await _rsa.FaultAsync(Tokens.Make(header, Payload, Tokens.Rs256(Judge.Rsa))));
        }
    }

    [Fact]
    public async Task Two_issuers_with_one_key_id_are_told_apart_by_key_and_by_name()
    {
        using var other = RSA.Create(2048);
        using var ours = new Judge(("PublicKeys:0:Pem", Judge.Rsa.ExportSubjectPublicKeyInfoPem()), ("PublicKeys:0:Id", "1"), ("Issuer", "https://ours"));
        using var both = new Judge(
            ("PublicKeys:0:Pem", Judge.Rsa.ExportSubjectPublicKeyInfoPem()), ("PublicKeys:0:Id", "1"),
            ("PublicKeys:1:Pem", other.ExportSubjectPublicKeyInfoPem()), ("PublicKeys:1:Id", "1"));
        const string Header = """{"alg":"RS256","kid":"1"}""";
        string From(string issuer) => $$"""{"sub":"42","iss":"{{issuer}}","exp":{{Judge.At(60)}}}""";

        Assert.Null(await ours.FaultAsync(Tokens.Make(Header, From("https://ours"), Tokens.Rs256(Judge.Rsa))));
        Assert.Equal(TokenFault.WrongSignature, await ours.FaultAsync(Tokens.Make(Header, From("https://ours"), Tokens.Rs256(other))));
        Assert.Equal(TokenFault.WrongIssuer, await ours.FaultAsync(Tokens.Make(Header, From("https://theirs"), Tokens.Rs256(Judge.Rsa))));
        Assert.Null(await both.FaultAsync(Tokens.Make(Header, From("https://theirs"), Tokens.Rs256(other))));
    }

    [Fact]
    public async Task Token_over_8_KB_is_refused_unread()
    {
        Assert.Equal(TokenFault.TooLong, await _secret.FaultAsync(new string('.', 1024 * 1024)));
        Assert.Equal(TokenFault.TooLong, await _secret.FaultAsync(OfLength(CompactToken.MaxLength + 4)));
        Assert.Null(await _secret.FaultAsync(OfLength(CompactToken.MaxLength)));

        static string OfLength(int characters)
        {
            // Base64url makes 4 characters of 3 bytes; header, signature and dots take 20 + 43 + 2 of them.
            var filler = new string('x', ((characters - 65) * 3 / 4) - 30);
            var token = Tokens.Make("""{"alg":"HS256"}""", $$"""{"exp":{{Judge.At(60)}},"filler":"{{filler}}"}""", Tokens.Hmac());
            Assert.InRange(token.Length, characters - 3, characters);
            return token;
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("a.b.c.d.e")]
    [InlineData("e30.e30.")]
    [InlineData("{}.{}.{}")]
    public async Task What_is_no_token_is_refused(string token)
    {
        Assert.Equal(TokenFault.Malformed, await _secret.FaultAsync(token));
    }

    [Theory]
    [InlineData("{0}=")]
    [InlineData(" {0}")]
    [InlineData("{0}\n")]
    [InlineData("Bearer {0}")]
    [InlineData("{0}.")]
    [InlineData("{0}+")]
    public async Task Token_has_one_spelling(string spelling)
    {
        var token = Tokens.Make("""{"alg":"HS256"}""", Payload, Tokens.Hmac());

        Assert.Null(await _secret.FaultAsync(token));
        Assert.Equal(TokenFault.Malformed, await _secret.FaultAsync(spelling.Replace("{0}", token, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Signature_that_is_cut_or_empty_is_refused()
    {
        var right = Tokens.Make("""{"alg":"HS256"}""", Payload, Tokens.Hmac());
        var signed = right[..(right.LastIndexOf('.') + 1)];

        Assert.Equal(TokenFault.WrongSignature, await _secret.FaultAsync(signed));
        Assert.Equal(TokenFault.WrongSignature, await _secret.FaultAsync(Tokens.Make("""{"alg":"HS256"}""", Payload, data => Tokens.Hmac()(data)[..16])));
        Assert.Equal(TokenFault.WrongSignature, await _secret.FaultAsync(Tokens.Make("""{"alg":"HS256"}""", Payload, Tokens.Hmac("another secret that is long enough too"))));
    }

    /// <summary>RFC 7518 section 3.4: two numbers of 32 bytes, of which libraries have accepted zeros, and other encodings.</summary>
    [Fact]
    public async Task Elliptic_signature_of_zeros_or_in_another_encoding_is_refused()
    {
        using var elliptic = new Judge(("PublicKeys:0:Pem", Judge.Elliptic.ExportSubjectPublicKeyInfoPem()));
        const string Header = """{"alg":"ES256"}""";
        byte[] order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
        Func<byte[], byte[]>[] wrong =
        [
            _ => new byte[64], _ => [.. order, .. order], _ => [.. new byte[32], .. order], _ => [],
            data => Judge.Elliptic.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence),
            data => [.. Tokens.Es256(Judge.Elliptic)(data), 0],
        ];

        Assert.Null(await elliptic.FaultAsync(Tokens.Make(Header, Payload, Tokens.Es256(Judge.Elliptic))));
        foreach (var sign in wrong)
        {
            Assert.Equal(TokenFault.WrongSignature, await elliptic.FaultAsync(Tokens.Make(Header, Payload, sign)));
        }
    }

    [Fact]
    public async Task Extension_that_must_be_understood_is_refused()
    {
        Assert.Equal(TokenFault.UnknownExtension, await _secret.FaultAsync(Tokens.Make("""{"alg":"HS256","crit":["b64"],"b64":false}""", Payload, Tokens.Hmac())));
    }

    /// <summary>Seeded: the same tokens in every run.</summary>
    [Fact]
    public async Task Mutated_tokens_are_refused_and_never_throw()
    {
        var random = new Random(519);
        var whole = Tokens.Make("""{"alg":"HS256","kid":"k"}""", $$"""{"sub":"42","aud":["a"],"nbf":1,"exp":{{Judge.At(60)}}}""", Tokens.Hmac());

        for (var round = 0; round < 20_000; round++)
        {
            var token = Mutate(whole, random);

            if (token != whole)
            {
                Assert.True(await _secret.ValidateAsync(token) is null, token);
            }
        }
    }

    /// <summary>Beneath the signature, where a mutation of the text never comes.</summary>
    [Fact]
    public async Task Mutated_contents_that_are_signed_rightly_never_throw()
    {
        var random = new Random(7515);
        const string Pieces = "{}[]\",:\\.0123456789eE+-truefalsnu \u0000\ud800é/";
        var accepted = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var header = MutateJson("""{"alg":"HS256","kid":"k","typ":"JWT"}""");
            var payload = MutateJson($$"""{"sub":"42","iss":"i","aud":["a","b"],"nbf":1.5,"exp":{{Judge.At(60)}},"x":{"y":[1,null,true]} }""");

            accepted += await _secret.ValidateAsync(Tokens.Make(header, payload, Tokens.Hmac())) is null ? 0 : 1;
        }

        // The audience alone makes the whole one refused, so only those pass whose mutation took it away.
        Assert.InRange(accepted, 0, 5_000);

        string MutateJson(string json)
        {
            var text = new StringBuilder(json);
            for (var times = random.Next(3); times > 0; times--)
            {
                text[random.Next(text.Length)] = Pieces[random.Next(Pieces.Length)];
            }

            return text.ToString();
        }
    }

    public void Dispose()
    {
        _secret.Dispose();
        _rsa.Dispose();
    }

    private static string Mutate(string token, Random random)
    {
        var text = new StringBuilder(token);
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(text.Length);
            switch (random.Next(4))
            {
                case 0:
                    text[at] = (char)random.Next(0x20, 0x7f);
                    break;
                case 1:
                    text.Remove(at, Math.Min(random.Next(1, 9), text.Length - at - 1) is > 0 and var count ? count : 0);
                    break;
                case 2:
                    text.Insert(at, (char)random.Next(0x10000));
                    break;
                default:
                    text.Insert(at, token[..random.Next(token.Length)]);
                    break;
            }
        }

        return text.ToString();
    }
}
