using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace MessageBus.Gateway.Jwt.Keys;

/// <summary>
/// A key that signatures are verified with. Its kind decides which algorithms it is good for (RFC 7518 section 3.1), never the token: an RSA public key is
/// no secret for HS256. Any thread.
/// </summary>
/// <param name="Key">The key as IdentityModel takes it. It holds numbers, not an open key: an open one is not for several threads.</param>
/// <param name="Id">Its <c>kid</c>; null where it is tried for any.</param>
/// <param name="Algorithms">What it is good for. <c>none</c> is never among them.</param>
internal sealed record VerificationKey(SecurityKey Key, string? Id, IReadOnlyList<string> Algorithms)
{
    /// <summary>The shortest secret, in bytes: the size of the shortest hash.</summary>
    public const int MinSecretBytes = 32;

    // What IdentityModel asks of a secret for HS512.
    private const int FullSecretBytes = 64;

    // RFC 7518 section 3.3 asks for 2048. A token is not to cost more than a key of 8192; one of 16384 takes a hundred times as long as one of 2048.
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 8192;

    public static readonly IReadOnlyList<string> AlgorithmsOfSecrets = ["HS256", "HS384", "HS512"];

    private static readonly IReadOnlyList<string> AlgorithmsOfRsaKeys = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

    /// <summary>The curves of RFC 7518 section 6.2.1.1, by the names that JWKs call them.</summary>
    public static readonly IReadOnlyList<(string Name, ECCurve Curve, string Algorithm)> Curves =
        [("P-256", ECCurve.NamedCurves.nistP256, "ES256"), ("P-384", ECCurve.NamedCurves.nistP384, "ES384"), ("P-521", ECCurve.NamedCurves.nistP521, "ES512")];

    /// <summary>All that the gateway knows.</summary>
    public static readonly IReadOnlyList<string> AllAlgorithms = [.. AlgorithmsOfSecrets, .. AlgorithmsOfRsaKeys, .. Curves.Select(each => each.Algorithm)];

    /// <summary>A shared secret. A short one is filled with zeros, as HMAC itself does (RFC 2104 section 2): the signatures stay the same.</summary>
    public static VerificationKey OfSecret(byte[] secret)
    {
        var full = new byte[Math.Max(secret.Length, FullSecretBytes)];
        secret.CopyTo(full, 0);
        return new VerificationKey(new SymmetricSecurityKey(full), Id: null, AlgorithmsOfSecrets);
    }

    /// <exception cref="CryptographicException">The key is too short or too long.</exception>
    public static VerificationKey Of(RSA rsa, string? id) => rsa.KeySize is >= MinRsaBits and <= MaxRsaBits
        ? new VerificationKey(new RsaSecurityKey(rsa.ExportParameters(includePrivateParameters: false)), id, AlgorithmsOfRsaKeys)
        : throw new CryptographicException($"An RSA key has {MinRsaBits} to {MaxRsaBits} bits; this one has {rsa.KeySize}.");

    /// <exception cref="CryptographicException">The key is on another curve.</exception>
    public static VerificationKey Of(ECDsa elliptic, string? id)
    {
        var numbers = elliptic.ExportParameters(includePrivateParameters: false);
        var (name, _, algorithm) = Curves.FirstOrDefault(each => each.Curve.Oid.Value == numbers.Curve.Oid.Value);
        return name is not null
            ? new VerificationKey(new JsonWebKey { Kty = "EC", Crv = name, X = Base64UrlEncoder.Encode(numbers.Q.X), Y = Base64UrlEncoder.Encode(numbers.Q.Y) }, id, [algorithm])
            : throw new CryptographicException("An EC key is on the curve P-256, P-384 or P-521; this one is on another.");
    }
}
