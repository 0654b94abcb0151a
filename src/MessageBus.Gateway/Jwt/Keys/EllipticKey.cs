using System.Security.Cryptography;

namespace MessageBus.Gateway.Jwt.Keys;

/// <summary>A public key on P-256: ES256, RFC 7518 section 3.4. Opened anew for each signature: an open one is not for several threads.</summary>
internal sealed class EllipticKey(ECParameters parameters, string? id = null) : VerificationKey(id, Keys.Algorithms.OfEllipticKeys)
{
    /// <summary>Two numbers of 32 bytes, one behind the other.</summary>
    private const int SignatureBytes = 64;

    /// <exception cref="CryptographicException">The key is on another curve.</exception>
    public static EllipticKey Of(ECDsa key, string? id = null)
    {
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return parameters.Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value
            ? new EllipticKey(parameters, id)
            : throw new CryptographicException("An EC key is on the curve P-256; this one is on another.");
    }

    public override bool Verify(string algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (signature.Length is not SignatureBytes)
        {
            return false;
        }

        using var key = ECDsa.Create(parameters);
        return key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}
