using System.Security.Cryptography;

namespace MessageBus.Gateway.Jwt.Keys;

/// <summary>
/// An RSA public key: RS256 and PS256, RFC 7518 sections 3.3 and 3.5. Opened anew for each signature: an open one is not for several threads,
/// and opening costs less than verifying.
/// </summary>
internal sealed class RsaKey(RSAParameters parameters, string? id = null, IReadOnlyList<string>? algorithms = null)
    : VerificationKey(id, algorithms ?? Keys.Algorithms.OfRsaKeys)
{
    /// <summary>RFC 7518 section 3.3: 2048 bits or more.</summary>
    public const int MinBits = 2048;

    // A token is not to cost more than this; 16384 bits take a hundred times as long as 2048.
    private const int MaxBits = 8192;

    /// <exception cref="CryptographicException">The key is too short or too long.</exception>
    public static RsaKey Of(RSA rsa, string? id = null, IReadOnlyList<string>? algorithms = null) => rsa.KeySize is >= MinBits and <= MaxBits
        ? new RsaKey(rsa.ExportParameters(includePrivateParameters: false), id, algorithms)
        : throw new CryptographicException($"An RSA key has {MinBits} to {MaxBits} bits; this one has {rsa.KeySize}.");

    public override bool Verify(string algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        using var rsa = RSA.Create(parameters);
        return rsa.VerifyData(data, signature, HashAlgorithmName.SHA256, PaddingOf(algorithm));
    }

    public static RSASignaturePadding PaddingOf(string algorithm) => algorithm switch
    {
        Keys.Algorithms.Rs256 => RSASignaturePadding.Pkcs1,

        // The framework's salt is as long as the hash, as RFC 7518 section 3.5 wants it.
        Keys.Algorithms.Ps256 => RSASignaturePadding.Pss,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };
}
