using System.Security.Cryptography;

namespace MessageBus.Gateway.Jwt.Keys;

/// <summary>A shared secret: HMAC, RFC 7518 section 3.2.</summary>
internal sealed class SecretKey(byte[] secret, string? id = null) : VerificationKey(id, Keys.Algorithms.OfSecrets)
{
    /// <summary>The shortest secret, in bytes: the size of the shortest hash.</summary>
    public const int MinBytes = 32;

    public override bool Verify(string algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        CryptographicOperations.FixedTimeEquals(Sign(algorithm, data), signature);

    public byte[] Sign(string algorithm, ReadOnlySpan<byte> data) => algorithm switch
    {
        Keys.Algorithms.Hs256 => HMACSHA256.HashData(secret, data),
        Keys.Algorithms.Hs384 => HMACSHA384.HashData(secret, data),
        Keys.Algorithms.Hs512 => HMACSHA512.HashData(secret, data),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };
}
