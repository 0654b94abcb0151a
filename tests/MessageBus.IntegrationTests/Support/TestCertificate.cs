using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MessageBus.IntegrationTests.Support;

/// <summary>A certificate of an operator's, as PEM files in a folder of its own. Disposing it deletes the folder.</summary>
public sealed class TestCertificate : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("messagebus-certificate-");

    public TestCertificate() => Thumbprint = Replace();

    /// <summary>Of the one that is in the files now.</summary>
    public string Thumbprint { get; private set; }

    public string Folder => _folder.FullName;

    public string Path => System.IO.Path.Combine(Folder, "fullchain.pem");

    public string KeyPath => System.IO.Path.Combine(Folder, "privkey.pem");

    public (string, string)[] Settings => [("MessageBus:Certificate:Path", Path), ("MessageBus:Certificate:KeyPath", KeyPath)];

    /// <summary>Puts another one in its place, the key first, as ACME clients do. Returns its thumbprint.</summary>
    public string Replace()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = DateTimeOffset.UtcNow;
        using var certificate = new CertificateRequest("CN=gateway.test", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(5));
        File.WriteAllText(KeyPath, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path, certificate.ExportCertificatePem());
        return Thumbprint = certificate.Thumbprint;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
