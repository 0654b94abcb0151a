using System.Security.Cryptography;
using System.Text;
using MessageBus.Gateway.Configuration;
using MessageBus.Gateway.Jwt.Keys;

namespace MessageBus.Gateway.Jwt;

/// <summary>What the options of a moment come to: the keys, opened, and what tokens are measured by. Does not change.</summary>
internal sealed class JwtPolicy
{
    private const string Base64Prefix = "base64:";

    private JwtPolicy(JwtOptions options, IReadOnlyList<VerificationKey> keys, VerificationKey? secret, KeySource? published)
    {
        Keys = keys;
        Secret = secret;
        Published = published;
        Issuer = NullIfEmpty(options.Issuer);
        Audience = NullIfEmpty(options.Audience);
        Algorithms = options.Algorithms.Length > 0 ? options.Algorithms : VerificationKey.AllAlgorithms;
        Cookie = NullIfEmpty(options.Cookie);
        RoleClaim = options.RoleClaim;
    }

    /// <summary>The configured keys, without those that the issuer publishes.</summary>
    public IReadOnlyList<VerificationKey> Keys { get; }

    /// <summary>The one of <see cref="Keys"/> that can sign, too.</summary>
    public VerificationKey? Secret { get; }

    /// <summary>Where the issuer publishes its keys; null: nowhere.</summary>
    public KeySource? Published { get; }

    /// <summary>The configured issuer; null where none is, or where the issuer's own discovery says it.</summary>
    public string? Issuer { get; }

    public string? Audience { get; }

    /// <summary>The only ones that are accepted, beside being ones that the key is good for.</summary>
    public IReadOnlyList<string> Algorithms { get; }

    public string? Cookie { get; }

    public string RoleClaim { get; }

    /// <exception cref="ConfigurationProblem">The options do not say, or wrongly, whose tokens to accept.</exception>
    public static JwtPolicy Of(JwtOptions options)
    {
        var problems = new List<string>();
        var policy = Read(options, problems);
        return problems.Count is 0 ? policy : throw new ConfigurationProblem(problems);
    }

    /// <summary>The policy of the options. It is whole only where nothing is added to <paramref name="problems"/>. No message has a secret in it.</summary>
    public static JwtPolicy Read(JwtOptions options, ICollection<string> problems)
    {
        if (!options.NamesKeys)
        {
            problems.Add(Problem("", $"names no key. Set '{JwtOptions.Section}:Secret', '{JwtOptions.Section}:PublicKeys', '{JwtOptions.Section}:Authority' or '{JwtOptions.Section}:JwksUrl'."));
        }

        var secret = ReadSecret(options.Secret, problems);
        var keys = options.PublicKeys.Select((key, index) => ReadPublicKey(key, index, problems)).Append(secret).OfType<VerificationKey>().ToList();
        foreach (var unknown in options.Algorithms.Except(VerificationKey.AllAlgorithms))
        {
            problems.Add(Problem(":Algorithms", $"has '{unknown}'. Known are {string.Join(", ", VerificationKey.AllAlgorithms)}."));
        }

        return new JwtPolicy(options, keys, secret, ReadKeySource(options, problems));
    }

    private static VerificationKey? ReadSecret(string? secret, ICollection<string> problems)
    {
        if (string.IsNullOrEmpty(secret))
        {
            return null;
        }

        byte[] bytes;
        try
        {
            bytes = secret.StartsWith(Base64Prefix, StringComparison.Ordinal) ? Convert.FromBase64String(secret[Base64Prefix.Length..]) : Encoding.UTF8.GetBytes(secret);
        }
        catch (FormatException)
        {
            problems.Add(Problem(":Secret", "begins with 'base64:', but what follows is not base64."));
            return null;
        }

        if (bytes.Length < VerificationKey.MinSecretBytes)
        {
            problems.Add(Problem(":Secret", $"has {bytes.Length} bytes; it needs at least {VerificationKey.MinSecretBytes}. Make one, for example, with: openssl rand -base64 48"));
        }

        return VerificationKey.OfSecret(bytes);
    }

    private static VerificationKey? ReadPublicKey(PublicKeyOptions options, int index, ICollection<string> problems)
    {
        var key = $":PublicKeys:{index}";
        var path = NullIfEmpty(options.Path);
        var pem = NullIfEmpty(options.Pem);
        if ((path is null) == (pem is null))
        {
            problems.Add(Problem(key, "needs either 'Path' or 'Pem'."));
            return null;
        }

        try
        {
            return PemKey.Parse(pem ?? File.ReadAllText(path!), NullIfEmpty(options.Id));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(Problem($"{key}:Path", $"names a file that cannot be read: {path}"));
        }
        catch (CryptographicException e)
        {
            problems.Add(Problem(path is null ? $"{key}:Pem" : $"{key}:Path", $"cannot be used. {e.Message}"));
        }

        return null;
    }

    private static KeySource? ReadKeySource(JwtOptions options, ICollection<string> problems)
    {
        var (authority, jwks) = (NullIfEmpty(options.Authority), NullIfEmpty(options.JwksUrl));
        if ((authority ?? jwks) is not { } text)
        {
            return null;
        }

        if (authority is not null && jwks is not null)
        {
            problems.Add(Problem(":JwksUrl", $"stands beside '{JwtOptions.Section}:Authority', which says where the keys are. Set one of them."));
        }

        // Whoever can change what is fetched decides who gets in; on this machine nobody stands between.
        var key = authority is null ? ":JwksUrl" : ":Authority";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || !KeySource.IsTrusted(address))
        {
            problems.Add(Problem(key, $"is no https address. Right is, for example, https://login.example.com{(authority is null ? "/.well-known/jwks.json" : "")}"));
            address = null;
        }

        if (string.IsNullOrEmpty(options.Audience) || (authority is null && string.IsNullOrEmpty(options.Issuer)))
        {
            var needed = authority is null ? $"'{JwtOptions.Section}:Issuer' and '{JwtOptions.Section}:Audience'" : $"'{JwtOptions.Section}:Audience'";
            problems.Add(Problem(key, $"needs {needed}: without, tokens made for other sites would be accepted."));
        }

        return address is null ? null : authority is null ? new KeySource(address, IsDiscovery: false) : KeySource.OfAuthority(address);
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string Problem(string key, string problem) => $"'{JwtOptions.Section}{key}' {problem}";
}
