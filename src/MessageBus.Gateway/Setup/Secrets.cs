using System.Buffers.Text;
using System.Security.Cryptography;
using MessageBus.Access;

namespace MessageBus.Gateway.Setup;

/// <summary>
/// The secrets that a gateway and its Redis share, made once and kept: those of the gateway as secret files (see <see cref="Configuration.SecretFiles"/>), the
/// password also as a configuration file of Redis, so that it stands in no command line.
/// </summary>
internal sealed class Secrets(string folder)
{
    private const string ConnectionFile = "ConnectionStrings__Redis";
    private const string JwtFile = "MessageBus__Jwt__Secret";
    private const string ApiKeyFile = "MessageBus__ApiKeys__0__";

    /// <summary>Makes the secret of tokens where there is none.</summary>
    public void EnsureTokenSecret() => Ensure(Path.Combine(folder, JwtFile));

    /// <summary>Makes a key for all of the REST API where there is none.</summary>
    /// <returns>Where it stands, in a sentence for the operator.</returns>
    public string EnsureApiKey()
    {
        var file = Path.Combine(folder, ApiKeyFile + nameof(ApiKeyOptions.Key));
        Ensure(file);
        Ensure(Path.Combine(folder, ApiKeyFile + nameof(ApiKeyOptions.Name)), () => "setup");
        Ensure(Path.Combine(folder, ApiKeyFile + nameof(ApiKeyOptions.Scopes)), () => "publish|read|admin");
        return $"The key of the API (X-Api-Key) is in {file}.";
    }

    /// <summary>Makes Redis' password where there is none, and says it to both sides.</summary>
    /// <param name="redis">Where the gateways reach Redis: <c>host:port</c>.</param>
    /// <param name="redisFolder">The folder of <c>redis.conf</c> and <c>password</c>, for Redis and its health check.</param>
    public void EnsureRedisPassword(string redis, string redisFolder)
    {
        var password = Ensure(Path.Combine(redisFolder, "password"));
        PrivateFile.Write(Path.Combine(redisFolder, "redis.conf"), $"requirepass {password}\n");
        PrivateFile.Write(Path.Combine(folder, ConnectionFile), $"{redis},password={password}");
    }

    private static string Ensure(string path) => Ensure(path, () => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(48)));

    /// <summary>An empty file is as good as none.</summary>
    private static string Ensure(string path, Func<string> make)
    {
        var found = File.Exists(path) ? File.ReadAllText(path).Trim() : "";
        if (found.Length is 0)
        {
            found = make();
            PrivateFile.Write(path, found);
        }

        return found;
    }
}
