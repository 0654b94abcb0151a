using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MessageBus.Gateway.Configuration;
using MessageBus.Gateway.Jwt;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.UnitTests.Gateway.Jwt;

/// <summary>The section <c>MessageBus:Jwt</c>: what it takes, and what stops the start.</summary>
public sealed class JwtPolicyTests
{
    private const string Right = "and a right one beside it does not help";

    public static TheoryData<string, string, string> Wrong => new()
    {
        { "Secret", "31 bytes are one byte too short", "'MessageBus:Jwt:Secret' has 31 bytes; it needs at least 32" },
        { "Secret", "base64:c2hvcnQ=", "'MessageBus:Jwt:Secret' has 5 bytes" },
        { "Secret", "base64:not base64 at all, however long it is", "'MessageBus:Jwt:Secret' begins with 'base64:'" },
        { "PublicKeys:0:Path", "/nowhere/key.pem", "'MessageBus:Jwt:PublicKeys:0:Path' names a file that cannot be read: /nowhere/key.pem" },
        { "PublicKeys:0:Pem", "no PEM", "'MessageBus:Jwt:PublicKeys:0:Pem' cannot be used. It holds no PEM text" },
        { "PublicKeys:0:Pem", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "'MessageBus:Jwt:PublicKeys:0:Pem' cannot be used" },
        { "PublicKeys:0:Pem", Judge.Rsa.ExportPkcs8PrivateKeyPem(), "It holds a PRIVATE KEY; right is a PUBLIC KEY" },
        { "PublicKeys:0:Pem", RSA.Create(1024).ExportSubjectPublicKeyInfoPem(), "2048" },
        { "PublicKeys:0:Pem", ECDsa.Create(ECCurve.NamedCurves.brainpoolP256r1).ExportSubjectPublicKeyInfoPem(), "P-256" },
        { "PublicKeys:0:Id", "k", "'MessageBus:Jwt:PublicKeys:0' needs either 'Path' or 'Pem'" },
        { "PublicKeys:0:Key", "k", "There is no setting 'MessageBus:Jwt:PublicKeys:0:Key'" },
        { "Secrets", "x", "Did you mean 'MessageBus:Jwt:Secret'?" },
        { "JwksUrl", "http://login.example.com/keys", "'MessageBus:Jwt:JwksUrl' is no https address" },
        { "JwksUrl", "keys.json", "'MessageBus:Jwt:JwksUrl' is no https address" },
        { "JwksUrl", "https://login.example.com/keys", "'MessageBus:Jwt:JwksUrl' needs 'MessageBus:Jwt:Issuer' and 'MessageBus:Jwt:Audience'" },
        { "Authority", "http://login.example.com", "'MessageBus:Jwt:Authority' is no https address" },
        { "Authority", "login.example.com", "'MessageBus:Jwt:Authority' is no https address" },
        { "Authority", "https://login.example.com", "'MessageBus:Jwt:Authority' needs 'MessageBus:Jwt:Audience'" },
        { "Issuer", "https://ours", "'MessageBus:Jwt' names no key" },
        { "Algorithms:0", "none", "'MessageBus:Jwt:Algorithms' has 'none'" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Wrong_setting_is_named_with_what_is_right(string key, string value, string expected)
    {
        (string, string?)[] settings = key.StartsWith("Algorithms", StringComparison.Ordinal) ? [(key, value), ("Secret", Tokens.Secret)] : [(key, value)];

        var problem = Assert.Throws<ConfigurationProblem>(() => new Judge(settings));

        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", problem.Message, StringComparison.Ordinal);
        if (key is "Secret")
        {
            Assert.DoesNotContain(value, problem.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_problem_is_named_at_once()
    {
        var problem = Assert.Throws<ConfigurationProblem>(() => new Judge(
            ("Secret", "short"), ("Authority", "http://a.example"), ("JwksUrl", "https://b.example/keys"), ("Algorithms:0", "none"), ("PublicKeys:0:Path", "/nowhere/key.pem"), ("Secrt", "x")));

        string[] named = ["'MessageBus:Jwt:Secrt'", ":Secret' has 5 bytes", ":PublicKeys:0:Path'", ":Algorithms' has 'none'", ":JwksUrl' stands beside 'MessageBus:Jwt:Authority'", ":Authority' is no https", ":Authority' needs"];
        Assert.All(named, name => Assert.Contains(name, string.Join('\n', problem.Messages), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Public_key_is_taken_from_each_kind_of_PEM()
    {
        using var certificate = new CertificateRequest("CN=issuer", Judge.Rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        string[] texts = [Judge.Rsa.ExportSubjectPublicKeyInfoPem(), Judge.Rsa.ExportRSAPublicKeyPem(), certificate.ExportCertificatePem(), $"# {Right}\n{Judge.Rsa.ExportSubjectPublicKeyInfoPem()}\n"];

        foreach (var pem in texts)
        {
            var path = Path.GetTempFileName();
            await File.WriteAllTextAsync(path, pem);
            using var inside = new Judge(("PublicKeys:0:Pem", pem));
            using var file = new Judge(("PublicKeys:0:Path", path));
            File.Delete(path);
            var token = Tokens.Make("""{"alg":"RS256"}""", $$"""{"exp":{{Judge.At(60)}}}""", Tokens.Rs256(Judge.Rsa));

            Assert.Null(await inside.FaultAsync(token));
            Assert.Null(await file.FaultAsync(token));
        }
    }

    [Fact]
    public async Task Keys_change_with_the_configuration()
    {
        using var judge = new Judge(("Secret", Tokens.Secret));
        const string NewSecret = "the new secret of the tests, longer still";
        var (old, @new) = (Tokens.Hs256(new { exp = Judge.At(60) }), Tokens.Hs256(new { exp = Judge.At(60) }, NewSecret));
        Assert.Null(await judge.FaultAsync(old));

        judge.Configuration["MessageBus:Jwt:Secret"] = NewSecret;
        judge.Configuration.Reload();

        Assert.Null(await judge.FaultAsync(@new));
        Assert.Equal(TokenFault.WrongSignature, await judge.FaultAsync(old));
    }

    [Theory]
    [InlineData("Secret", "too short")]
    [InlineData("Secret", "")]
    [InlineData("Secrt", "a name that is not known")]
    [InlineData("PublicKeys:0:Path", "/nowhere/key.pem")]
    public async Task Configuration_that_cannot_be_used_changes_nothing(string key, string value)
    {
        using var judge = new Judge(("Secret", Tokens.Secret));

        judge.Configuration["MessageBus:Jwt:Issuer"] = "https://new";
        judge.Configuration[$"MessageBus:Jwt:{key}"] = value;
        judge.Configuration.Reload();

        Assert.Null(await judge.FaultAsync(Tokens.Hs256(new { exp = Judge.At(60) })));
    }
}
