using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MessageBus.Gateway.Configuration;
using MessageBus.Gateway.Tls;

namespace MessageBus.UnitTests.Gateway;

public sealed class ServerCertificateTests : IDisposable
{
    private const string Password = "correct horse";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("messagebus-certificate-");
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;

    public ServerCertificateTests() => _certificate = MakeCertificate("CN=gateway.test", _key);

    [Fact]
    public void PEM_with_its_key_inside_is_served()
    {
        var path = Write("own.pem", _certificate.ExportCertificatePem(), _key.ExportPkcs8PrivateKeyPem());

        AssertServes(new CertificateOptions { Path = path });
    }

    [Fact]
    public void PEM_with_its_key_beside_it_is_served()
    {
        var path = Write("own.crt", _certificate.ExportCertificatePem());
        var keyPath = Write("own.key", _key.ExportPkcs8PrivateKeyPem());

        AssertServes(new CertificateOptions { Path = path, KeyPath = keyPath });
    }

    [Fact]
    public void PEM_is_served_with_its_chain()
    {
        using var issuerKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issuer = MakeCertificate("CN=issuer.test", issuerKey);
        var path = Write("own.pem", _certificate.ExportCertificatePem(), issuer.ExportCertificatePem(), _key.ExportPkcs8PrivateKeyPem());

        var served = Use(new CertificateOptions { Path = path });

        Assert.Equal([_certificate.Thumbprint, issuer.Thumbprint], served.Select(certificate => certificate.Thumbprint));
    }

    [Fact]
    public void Encrypted_key_is_served_with_its_password()
    {
        var path = Write("own.pem", _certificate.ExportCertificatePem(), EncryptedKey());

        AssertServes(new CertificateOptions { Path = path, Password = Password });
    }

    [Fact]
    public void Encrypted_key_without_or_with_a_wrong_password_stops_the_start()
    {
        var path = Write("own.pem", _certificate.ExportCertificatePem(), EncryptedKey());

        AssertProblem(new CertificateOptions { Path = path }, path);
        AssertProblem(new CertificateOptions { Path = path, Password = "wrong" }, path);
    }

    [Theory]
    [InlineData("own.pfx", Password)]
    [InlineData("OWN.P12", null)]
    public void PFX_is_served(string name, string? password)
    {
        var path = Write(name, _certificate.Export(X509ContentType.Pkcs12, password));

        AssertServes(new CertificateOptions { Path = path, Password = password });
    }

    [Fact]
    public void PFX_with_a_wrong_password_stops_the_start()
    {
        var path = Write("own.pfx", _certificate.Export(X509ContentType.Pkcs12, Password));

        AssertProblem(new CertificateOptions { Path = path, Password = "wrong" }, path);
    }

    [Fact]
    public void PFX_without_a_key_stops_the_start()
    {
        using var withoutKey = X509CertificateLoader.LoadCertificate(_certificate.RawData);
        var path = Write("own.pfx", withoutKey.Export(X509ContentType.Pkcs12, Password));

        AssertProblem(new CertificateOptions { Path = path, Password = Password }, "no private key");
    }

    [Fact]
    public void Missing_file_is_named_with_its_setting()
    {
        var there = Write("own.pem", _certificate.ExportCertificatePem());
        var missing = Path.Combine(_folder.FullName, "missing.pem");

        AssertProblem(new CertificateOptions { Path = missing }, $"'MessageBus:Certificate:Path' names a file that is not there: {missing}");
        AssertProblem(new CertificateOptions { Path = there, KeyPath = missing }, $"'MessageBus:Certificate:KeyPath' names a file that is not there: {missing}");
    }

    [Theory]
    [InlineData("own.pem")]
    [InlineData("own.pfx")]
    public void Garbage_stops_the_start(string name)
    {
        AssertProblem(new CertificateOptions { Path = Write(name, "this is no certificate") }, name);
        AssertProblem(new CertificateOptions { Path = Write(name, "") }, name);
    }

    [Fact]
    public void Certificate_without_a_key_stops_the_start()
    {
        var path = Write("own.pem", _certificate.ExportCertificatePem());

        AssertProblem(new CertificateOptions { Path = path }, path);
    }

    [Fact]
    public void Key_that_belongs_to_another_certificate_stops_the_start()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var path = Write("own.pem", _certificate.ExportCertificatePem());
        var keyPath = Write("other.key", other.ExportPkcs8PrivateKeyPem());

        AssertProblem(new CertificateOptions { Path = path, KeyPath = keyPath }, path);
    }

    [Fact]
    public void Development_makes_its_own_for_localhost()
    {
        var served = Use(new CertificateOptions(), selfMade: true)[0];

        Assert.True(served.HasPrivateKey);
        Assert.True(served.MatchesHostname("localhost"));
        Assert.True(served.MatchesHostname("127.0.0.1"));
        Assert.False(served.MatchesHostname("gateway.test"));
    }

    [Fact]
    public void Elsewhere_an_https_address_without_a_certificate_stops_the_start()
    {
        var problem = Assert.Throws<ConfigurationProblem>(() => Use(new CertificateOptions(), selfMade: false));

        Assert.Contains("'MessageBus:Certificate:Path'", problem.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    private static X509Certificate2 MakeCertificate(string subject, ECDsa key)
    {
        var now = DateTimeOffset.UtcNow;
        return new CertificateRequest(subject, key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
    }

    private static X509Certificate2Collection Use(CertificateOptions options, bool selfMade = false) => new ServerCertificate(options, selfMade).Certificates();

    private static void AssertProblem(CertificateOptions options, string says)
    {
        var problem = Assert.Throws<ConfigurationProblem>(() => new ServerCertificate(options, selfMade: true));

        Assert.Contains(says, problem.Message, StringComparison.Ordinal);
        Assert.Contains("MessageBus:Certificate:", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, problem.Message, StringComparison.Ordinal);
    }

    private void AssertServes(CertificateOptions options)
    {
        var served = Use(options)[0];

        Assert.Equal(_certificate.Thumbprint, served.Thumbprint);
        using var key = served.GetECDsaPrivateKey()!;
        Assert.True(_key.VerifyData("hello"u8, key.SignData("hello"u8, HashAlgorithmName.SHA256), HashAlgorithmName.SHA256));
    }

    private string EncryptedKey() =>
        _key.ExportEncryptedPkcs8PrivateKeyPem(Password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, iterationCount: 1000));

    private string Write(string name, params string[] pem) => Write(name, System.Text.Encoding.ASCII.GetBytes(string.Join('\n', pem) + "\n"));

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
