using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using MessageBus.Gateway.Configuration;
using MessageBus.Gateway.Tls;

namespace MessageBus.Gateway.Setup;

/// <summary>
/// A folder with <c>fullchain.pem</c> and <c>privkey.pem</c>, as ACME clients name them. An operator's files are never changed; an empty folder
/// gets a self-signed certificate, which is renewed before it expires.
/// </summary>
internal sealed class CertificateFolder(string folder, TimeProvider time)
{
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    private readonly string _certificate = Path.Combine(folder, "fullchain.pem");
    private readonly string _key = Path.Combine(folder, "privkey.pem");

    /// <returns>What there is now, in a sentence for the operator.</returns>
    /// <exception cref="ConfigurationProblem">Only half of it is there, or it cannot be used.</exception>
    public string Ensure(IReadOnlyList<string> hosts)
    {
        if (File.Exists(_certificate) != File.Exists(_key))
        {
            throw new ConfigurationProblem($"Of {_certificate} and {_key} only one is there. Put both there, or none: then a certificate is made.");
        }

        if (File.Exists(_certificate))
        {
            using var found = new ServerCertificate(new CertificateOptions { Path = _certificate, KeyPath = _key }, selfMade: false).Certificates()[0];
            if (!SelfMadeCertificate.Is(found) || found.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime > RenewBefore)
            {
                return string.Create(CultureInfo.InvariantCulture, $"The certificate of {found.Subject} counts until {found.NotAfter.ToUniversalTime():yyyy-MM-dd}.");
            }
        }

        Make(hosts);
        return $"Made a certificate for {string.Join(", ", hosts)} that is self-signed: browsers show a warning.";
    }

    private void Make(IReadOnlyList<string> hosts)
    {
        using var made = SelfMadeCertificate.For(hosts, time.GetUtcNow());
        using var key = made.GetECDsaPrivateKey()!;
        PrivateFile.Write(_key, key.ExportPkcs8PrivateKeyPem() + "\n");
        PrivateFile.Write(_certificate, made.ExportCertificatePem() + "\n");
    }
}
