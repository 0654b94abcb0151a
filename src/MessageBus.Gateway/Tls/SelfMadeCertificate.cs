using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MessageBus.Gateway.Tls;

/// <summary>A self-signed certificate, for Development and until the operator has one. Browsers show a warning.</summary>
internal static class SelfMadeCertificate
{
    /// <summary>By this it is known again, so that it can be renewed where one of the operator's must not be touched.</summary>
    private const string Organization = "O=MessageBus self-made";

    /// <summary>One for these host names and addresses, with its key (P-256), valid for a year from now on.</summary>
    public static X509Certificate2 For(IReadOnlyList<string> hosts, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={hosts[0]}, {Organization}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "TLS server")], critical: false));
        return request.CreateSelfSigned(now.AddDays(-1), now.AddYears(1));
    }

    public static bool Is(X509Certificate2 certificate) =>
        certificate.Subject == certificate.Issuer && certificate.Subject.EndsWith(Organization, StringComparison.Ordinal);
}
