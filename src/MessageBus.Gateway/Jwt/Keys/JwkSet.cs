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
/// Keys of another kind, for another use, too weak or malformed are left out, as section 5 asks; IdentityModel's own reader gives up the whole set for one.
/// A secret (<c>oct</c>) is left out too: what is published is none.
/// </summary>
internal static class JwkSet
{
    // A token without a kid is tried with each; no issuer publishes as many.
    private const int MaxKeys = 32;

    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false };

    /// <exception cref="FormatException">It is not a JWK set, or has no key that can be used.</exception>
    public static IReadOnlyList<VerificationKey> Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            // A name that stands twice spoils the key that it stands in, not the set.
            var keys = JsonElement.Parse(utf8).GetProperty("keys").EnumerateArray().Select(TryReadKey).OfType<VerificationKey>().Take(MaxKeys).ToList();
            return keys.Count > 0 ? keys : throw new FormatException("It holds no RSA or EC key for signatures.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException("It is not a JWK set (RFC 7517 section 5).", e);
        }
    }

    private static VerificationKey? TryReadKey(JsonElement jwk)
    {
        try
        {
            var strict = JsonElement.Parse(jwk.GetRawText(), Options);
            var key = Text(strict, "use") is null or "sig" ? ReadKey(strict) : null;

            // RFC 7517 section 4.4: a key that names its algorithm is for that one only.
            return key is null || Text(strict, "alg") is not { } only ? key
                : key.Algorithms.Contains(only) ? key with { Algorithms = [only] }
                : null;
        }
        catch (Exception e) when (e is CryptographicException or FormatException or ArgumentException or JsonException or InvalidOperationException)
        {
            // ArgumentException: numbers that do not belong together. InvalidOperationException: not an object, or a text that is not Unicode.
            return null;
        }
    }

    private static VerificationKey? ReadKey(JsonElement jwk)
    {
        switch (Text(jwk, "kty"))
        {
            case "RSA":
                using (var rsa = RSA.Create(new RSAParameters { Modulus = Bytes(jwk, "n"), Exponent = Bytes(jwk, "e") }))
                {
                    return VerificationKey.Of(rsa, Text(jwk, "kid"));
                }

            case "EC" when Text(jwk, "crv") is var name && VerificationKey.Curves.FirstOrDefault(each => each.Name == name) is { Name: not null } known:
                using (var elliptic = ECDsa.Create(new ECParameters { Curve = known.Curve, Q = new ECPoint { X = Bytes(jwk, "x"), Y = Bytes(jwk, "y") } }))
                {
                    return VerificationKey.Of(elliptic, Text(jwk, "kid"));
                }

            default:
                return null;
        }
    }

    /// <exception cref="FormatException">It is there, but no text.</exception>
    private static string? Text(JsonElement jwk, string name) => !jwk.TryGetProperty(name, out var value) ? null
        : value.ValueKind is JsonValueKind.String ? value.GetString()
        : throw new FormatException($"The '{name}' of a key is no text.");

    private static byte[] Bytes(JsonElement jwk, string name) =>
        Base64Url.DecodeFromChars(Text(jwk, name) is { Length: > 0 } number ? number : throw new FormatException($"A key has no '{name}'."));
}
