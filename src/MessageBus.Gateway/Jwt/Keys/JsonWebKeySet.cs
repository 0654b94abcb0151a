using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace MessageBus.Gateway.Jwt.Keys;

/// <summary>
/// A JWK set, RFC 7517 section 5, with the parameters of RFC 7518 section 6:
/// <code>
/// { "keys": [ { "kty": "RSA", "n": base64url, "e": base64url, ["kid"] ["use"] ["alg"] }
///             { "kty": "EC", "crv": "P-256", "x": base64url, "y": base64url, ["kid"] ["use"] ["alg"] } ... ] }
/// </code>
/// Keys of another kind, for another use or too weak are left out, as section 5 asks. A secret (<c>oct</c>) is among them: what is published is none.
/// </summary>
internal static class JsonWebKeySet
{
    // A token without a kid is tried with each; no issuer publishes as many.
    private const int MaxKeys = 32;

    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false };

    /// <exception cref="FormatException">It is not a JWK set, or has no key that can be used.</exception>
    public static IReadOnlyList<VerificationKey> Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var set = JsonElement.Parse(utf8, Options);
            var keys = set.GetProperty("keys").EnumerateArray().Select(TryReadKey).OfType<VerificationKey>().Take(MaxKeys).ToList();
            return keys.Count > 0 ? keys : throw new FormatException("It holds no RSA or P-256 key for signatures.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException("It is not a JWK set (RFC 7517 section 5).", e);
        }
    }

    private static VerificationKey? TryReadKey(JsonElement jwk)
    {
        if (jwk.ValueKind is not JsonValueKind.Object || Text(jwk, "use") is not (null or "sig"))
        {
            return null;
        }

        try
        {
            return Text(jwk, "kty") switch
            {
                "RSA" => ReadRsa(jwk),
                "EC" when Text(jwk, "crv") is "P-256" && Text(jwk, "alg") is null or Algorithms.Es256 => ReadElliptic(jwk),
                _ => null,
            };
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }

    private static RsaKey? ReadRsa(JsonElement jwk)
    {
        // RFC 7517 section 4.4: a key that names its algorithm is for that one only.
        IReadOnlyList<string> algorithms = Text(jwk, "alg") is { } only ? [.. Algorithms.OfRsaKeys.Where(algorithm => algorithm == only)] : Algorithms.OfRsaKeys;
        if (algorithms.Count is 0)
        {
            return null;
        }

        using var rsa = RSA.Create(new RSAParameters { Modulus = Bytes(jwk, "n"), Exponent = Bytes(jwk, "e") });
        return RsaKey.Of(rsa, Text(jwk, "kid"), algorithms);
    }

    private static EllipticKey ReadElliptic(JsonElement jwk)
    {
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Bytes(jwk, "x"), Y = Bytes(jwk, "y") } });
        return EllipticKey.Of(key, Text(jwk, "kid"));
    }

    private static string? Text(JsonElement jwk, string name) =>
        jwk.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static byte[] Bytes(JsonElement jwk, string name) =>
        Base64Url.DecodeFromChars(Text(jwk, name) ?? throw new FormatException($"A key has no '{name}'."));
}
