using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace MessageBus.Access;

/// <summary>The keys of the REST API. Does not change. It keeps their hashes only.</summary>
internal sealed class ApiKeys
{
    private const string RightScopes = "Right is 'publish', 'read', 'admin', or several of them with '|' between.";

    private readonly ApiKey[] _keys;

    private ApiKeys(ApiKey[] keys) => _keys = keys;

    public int Count => _keys.Length;

    /// <summary>The keys that the options name. They are whole only where <paramref name="problems"/> stays empty. No message has a key in it.</summary>
    public static ApiKeys Read(IList<ApiKeyOptions> options, string section, ICollection<string> problems)
    {
        var keys = new List<ApiKey>();
        foreach (var (index, one) in options.Index())
        {
            var path = $"{section}:{index}";
            if (TryReadHash(one, path, problems, out var hash) & TryReadScopes(one.Scopes, path, problems, out var scopes))
            {
                if (keys.Exists(key => key.Hash.AsSpan().SequenceEqual(hash)))
                {
                    problems.Add($"'{path}' is a key that stands in the list already: each key stands there once, with all its scopes.");
                }

                keys.Add(new ApiKey(string.IsNullOrWhiteSpace(one.Name) ? $"{index}" : one.Name, hash!, scopes));
            }
        }

        return new ApiKeys([.. keys]);
    }

    /// <summary>The key that was presented; null where it is none of these. All are compared, each in constant time, so that the time says nothing about any.</summary>
    public ApiKey? Find(string presented)
    {
        if (presented.Length > ApiKeyOptions.MaxLength)
        {
            return null;
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(presented));
        var found = default(ApiKey);
        foreach (var key in _keys)
        {
            found = CryptographicOperations.FixedTimeEquals(key.Hash, hash) ? key : found;
        }

        return found;
    }

    private static bool TryReadHash(ApiKeyOptions options, string path, ICollection<string> problems, [NotNullWhen(true)] out byte[]? hash)
    {
        hash = null;
        var (key, sha256) = (options.Key ?? "", options.Sha256 ?? "");
        if ((key.Length is 0) == (sha256.Length is 0))
        {
            problems.Add($"'{path}' needs either 'Key' or 'Sha256'. Make a key, for example, with: openssl rand -base64 48");
        }
        else if (key.Length > 0 && (key.Length is < ApiKeyOptions.MinLength or > ApiKeyOptions.MaxLength || key.AsSpan().ContainsAnyExceptInRange('!', '~')))
        {
            problems.Add(
                $"'{path}:Key' has {key.Length} characters; right are {ApiKeyOptions.MinLength} to {ApiKeyOptions.MaxLength} printable characters of ASCII without spaces. "
                + "Make one, for example, with: openssl rand -base64 48");
        }
        else if (sha256.Length > 0 && (sha256.Length != SHA256.HashSizeInBytes * 2 || !sha256.All(char.IsAsciiHexDigit)))
        {
            problems.Add($"'{path}:Sha256' is not 64 hexadecimal digits. Right is what this prints: printf %s \"$KEY\" | sha256sum");
        }
        else
        {
            hash = key.Length > 0 ? SHA256.HashData(Encoding.UTF8.GetBytes(key)) : Convert.FromHexString(sha256);
        }

        return hash is not null;
    }

    private static bool TryReadScopes(string? text, string path, ICollection<string> problems, out IReadOnlyList<ApiKeyScope> scopes)
    {
        var read = (text ?? "").Split('|', StringSplitOptions.TrimEntries).Select(ScopeOf).ToList();
        scopes = [.. read.OfType<ApiKeyScope>().Distinct()];
        if (read.Contains(null))
        {
            problems.Add($"'{path}:Scopes' is '{text}'. {RightScopes}");
            return false;
        }

        return true;
    }

    private static ApiKeyScope? ScopeOf(string text) => text switch
    {
        "publish" => ApiKeyScope.Publish,
        "read" => ApiKeyScope.Read,
        "admin" => ApiKeyScope.Admin,
        _ => null,
    };
}
