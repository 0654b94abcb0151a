using System.Security.Cryptography;
using System.Text;
using MessageBus.Gateway.Configuration;
using MessageBus.Gateway.Jwt.Keys;

namespace MessageBus.Gateway.Jwt;

/// <summary>What the options of a moment come to: the keys, opened, and what tokens are measured by. Does not change.</summary>
internal sealed class JwtPolicy
{
    private const string Base64Prefix = "base64:";

    private JwtPolicy(JwtOptions options, IReadOnlyList<VerificationKey> keys, SecretKey? secret, Uri? jwksAddress)
    {
        Keys = keys;
        Secret = secret;
        JwksAddress = jwksAddress;
        Issuer = NullIfEmpty(options.Issuer);
        Audience = NullIfEmpty(options.Audience);
        Algorithms = options.Algorithms.Length > 0 ? options.Algorithms : Jwt.Keys.Algorithms.All;
        Cookie = NullIfEmpty(options.Cookie);
        RoleClaim = options.RoleClaim;
    }

    /// <summary>The configured keys, without those of the JWK set.</summary>
    public IReadOnlyList<VerificationKey> Keys { get; }

    /// <summary>The one of <see cref="Keys"/> that can sign, too.</summary>
    public SecretKey? Secret { get; }

    public Uri? JwksAddress { get; }

    public string? Issuer { get; }

    public string? Audience { get; }

    /// <summary>The only ones that are accepted, beside being ones that the key is good for.</summary>
    public IReadOnlyList<string> Algorithms { get; }

    public string? Cookie { get; }

    public string RoleClaim { get; }

    /// <exception cref="ConfigurationProblem">The options do not say, or wrongly, whose tokens to accept.</exception>
    public static JwtPolicy Of(JwtOptions options)
    {
        if (!options.NamesKeys)
        {
            throw Problem("", $"names no key. Set '{JwtOptions.Section}:Secret', '{JwtOptions.Section}:PublicKeys' or '{JwtOptions.Section}:JwksUrl'.");
        }

        var secret = string.IsNullOrEmpty(options.Secret) ? null : new SecretKey(SecretBytes(options.Secret));
        var keys = new List<VerificationKey>(options.PublicKeys.Select(OpenPublicKey));
        if (secret is not null)
        {
            keys.Add(secret);
        }

        CheckAlgorithms(options.Algorithms);
        return new JwtPolicy(options, keys, secret, JwksAddressOf(options));
    }

    private static byte[] SecretBytes(string secret)
    {
        byte[] bytes;
        try
        {
            bytes = secret.StartsWith(Base64Prefix, StringComparison.Ordinal) ? Convert.FromBase64String(secret[Base64Prefix.Length..]) : Encoding.UTF8.GetBytes(secret);
        }
        catch (FormatException)
        {
            throw Problem(":Secret", "begins with 'base64:', but what follows is not base64.");
        }

        return bytes.Length >= SecretKey.MinBytes
            ? bytes
            : throw Problem(":Secret", $"has {bytes.Length} bytes; it needs at least {SecretKey.MinBytes}. Make one, for example, with: openssl rand -base64 48");
    }

    private static VerificationKey OpenPublicKey(PublicKeyOptions options, int index)
    {
        var key = $":PublicKeys:{index}";
        var path = NullIfEmpty(options.Path);
        var pem = NullIfEmpty(options.Pem);
        if ((path is null) == (pem is null))
        {
            throw Problem(key, "needs either 'Path' or 'Pem'.");
        }

        try
        {
            return PemKey.Parse(pem ?? File.ReadAllText(path!), NullIfEmpty(options.Id));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Problem($"{key}:Path", $"names a file that cannot be read: {path}", e);
        }
        catch (CryptographicException e)
        {
            throw Problem(path is null ? $"{key}:Pem" : $"{key}:Path", $"cannot be used. {e.Message}", e);
        }
    }

    private static Uri? JwksAddressOf(JwtOptions options)
    {
        if (string.IsNullOrEmpty(options.JwksUrl))
        {
            return null;
        }

        // Whoever can change what is fetched decides who gets in; on this machine nobody stands between.
        if (!Uri.TryCreate(options.JwksUrl, UriKind.Absolute, out var address) || !(address.Scheme is "https" || (address.Scheme is "http" && address.IsLoopback)))
        {
            throw Problem(":JwksUrl", "is no https address. Right is, for example, https://login.example.com/.well-known/jwks.json");
        }

        return !string.IsNullOrEmpty(options.Issuer) && !string.IsNullOrEmpty(options.Audience)
            ? address
            : throw Problem(":JwksUrl", $"needs '{JwtOptions.Section}:Issuer' and '{JwtOptions.Section}:Audience': without them, tokens made for other sites would be accepted.");
    }

    private static void CheckAlgorithms(string[] algorithms)
    {
        if (Array.Find(algorithms, algorithm => !Jwt.Keys.Algorithms.All.Contains(algorithm)) is { } unknown)
        {
            throw Problem(":Algorithms", $"has '{unknown}'. Known are {string.Join(", ", Jwt.Keys.Algorithms.All)}.");
        }
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static ConfigurationProblem Problem(string key, string problem, Exception? cause = null) => new($"'{JwtOptions.Section}{key}' {problem}", cause);
}
