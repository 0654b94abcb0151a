using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MessageBus.IntegrationTests.Support;

/// <summary>Makes JSON Web Tokens by hand (RFC 7515 section 3.1), right ones and wrong ones.</summary>
public static class Tokens
{
    public const string Secret = "a secret of the tests, which is long enough";

    /// <summary>A token of the tests' secret for this user.</summary>
    public static string For(string user, TimeSpan? lifetime = null) => Hs256(new { sub = user, exp = In(lifetime ?? TimeSpan.FromHours(1)) });

    public static string Hs256(object payload, string secret = Secret) => Make("""{"alg":"HS256","typ":"JWT"}""", JsonSerializer.Serialize(payload), Hmac(secret));

    public static Func<byte[], byte[]> Hmac(string secret = Secret) => data => HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), data);

    public static Func<byte[], byte[]> Rs256(RSA key) => data => key.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    public static Func<byte[], byte[]> Ps256(RSA key) => data => key.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);

    public static Func<byte[], byte[]> Es256(ECDsa key) => data => key.SignData(data, HashAlgorithmName.SHA256);

    /// <summary>Header and payload exactly as written, and what <paramref name="sign"/> makes of them.</summary>
    public static string Make(string header, string payload, Func<byte[], byte[]> sign)
    {
        var signed = $"{Encode(Encoding.UTF8.GetBytes(header))}.{Encode(Encoding.UTF8.GetBytes(payload))}";
        return $"{signed}.{Encode(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    public static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);

    /// <summary>So far from now, as a NumericDate.</summary>
    public static long In(TimeSpan duration) => DateTimeOffset.UtcNow.Add(duration).ToUnixTimeSeconds();
}
