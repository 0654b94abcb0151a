using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MessageBus.Bench.Systems;

/// <summary>A certificate for localhost, the same kind for every system (ECDSA P-256), as two PEM files that live as long as the bench.</summary>
internal sealed class Certificate : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("messagebus-bench-");

    public Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        File.WriteAllText(Path, certificate.ExportCertificatePem());
        File.WriteAllText(KeyPath, key.ExportPkcs8PrivateKeyPem());
    }

    public string Path => System.IO.Path.Combine(_folder.FullName, "certificate.pem");

    public string KeyPath => System.IO.Path.Combine(_folder.FullName, "key.pem");

    public void Dispose() => _folder.Delete(recursive: true);
}
