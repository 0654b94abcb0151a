using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MessageBus.Gateway.Jwt.Keys;

/// <summary>A public key from PEM text (RFC 7468): <c>PUBLIC KEY</c>, <c>RSA PUBLIC KEY</c>, or the key of a <c>CERTIFICATE</c>.</summary>
internal static class PemKey
{
    /// <exception cref="CryptographicException">It is no such key; the message says what is right.</exception>
    public static VerificationKey Parse(string pem, string? id)
    {
        if (!PemEncoding.TryFind(pem, out var fields))
        {
            throw new CryptographicException("It holds no PEM text ('-----BEGIN PUBLIC KEY-----').");
        }

        var label = pem[fields.Label];
        try
        {
            return label switch
            {
                "PUBLIC KEY" => ParsePublicKey(pem, id),
                "RSA PUBLIC KEY" => ParseRsa(pem, id),
                "CERTIFICATE" => ParseCertificate(pem, id),

                // A private key would work, but has no business on a server that only verifies.
                _ => throw new CryptographicException($"It holds a {label}; right is a PUBLIC KEY or a CERTIFICATE."),
            };
        }
        catch (ArgumentException e)
        {
            throw new CryptographicException($"Its {label} cannot be read.", e);
        }
    }

    private static VerificationKey ParsePublicKey(string pem, string? id)
    {
        // The text does not say which kind it is; the key inside does.
        var spki = PublicKey.CreateFromSubjectPublicKeyInfo(Convert.FromBase64String(pem[PemEncoding.Find(pem).Base64Data]), out _);
        return Of(spki, id);
    }

    private static VerificationKey ParseRsa(string pem, string? id)
    {
        using var rsa = RSA.Create();
        rsa.ImportFromPem(pem);
        return VerificationKey.Of(rsa, id);
    }

    private static VerificationKey ParseCertificate(string pem, string? id)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        return Of(certificate.PublicKey, id);
    }

    private static VerificationKey Of(PublicKey key, string? id)
    {
        using var rsa = key.GetRSAPublicKey();
        if (rsa is not null)
        {
            return VerificationKey.Of(rsa, id);
        }

        using var elliptic = key.GetECDsaPublicKey() ?? throw new CryptographicException("It holds neither an RSA nor an EC key.");
        return VerificationKey.Of(elliptic, id);
    }
}
