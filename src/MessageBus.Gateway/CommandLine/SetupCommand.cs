using System.CommandLine;
using MessageBus.Gateway.Configuration;
using MessageBus.Gateway.Jwt;
using MessageBus.Gateway.Setup;

namespace MessageBus.Gateway.CommandLine;

/// <summary>
/// <c>setup</c>: creates what a gateway needs and does not have yet, in the folders that it starts with: a certificate, the secret of tokens, a key of the API,
/// Redis' password. What is there stays as it is, so it can run before every start. Prints no secret; a token for trying out where one is asked for.
/// </summary>
internal sealed class SetupCommand
{
    private const string NoToken = "none";
    private const string DemoChannels = "demo/**";
    private const string DemoUser = "demo";

    private readonly Option<string?> _certificates = new("--certificates") { Description = "Folder of fullchain.pem and privkey.pem" };

    private readonly Option<string[]> _hosts = new("--host")
    {
        Description = "A host name or address that a certificate made here is for. May stand several times",
        DefaultValueFactory = _ => ["localhost", "127.0.0.1", "::1"],
    };

    private readonly Option<string?> _secrets = new("--secrets") { Description = "Folder of the gateway's secrets (MessageBus:SecretsFolder)" };

    private readonly Option<string?> _redis = new("--redis") { Description = "Where gateways reach Redis, host:port. Makes its password" };

    private readonly Option<string?> _redisFolder = new("--redis-folder") { Description = "Folder of redis.conf, which has the password, for redis-server" };

    private readonly Option<string> _demoToken = new("--demo-token")
    {
        Description = $"Print a token for the channels {DemoChannels} that counts so long: 24h; or '{NoToken}'",
        DefaultValueFactory = _ => NoToken,
    };

    public Command Build()
    {
        var command = new Command("setup", "Make the certificate and the secrets that are missing") { _certificates, _hosts, _secrets, _redis, _redisFolder, _demoToken };
        command.SetConfiguredAction(SetUpAsync);
        return command;
    }

    private async Task<int> SetUpAsync(ParseResult parsed, WebApplicationBuilder builder)
    {
        var (secretsFolder, redis, redisFolder) = (parsed.GetValue(_secrets), parsed.GetValue(_redis), parsed.GetValue(_redisFolder));
        if (redis is not null && (redisFolder is null || secretsFolder is null))
        {
            throw new ConfigurationProblem("--redis needs --redis-folder and --secrets: both sides have to know the password.");
        }

        if (parsed.GetValue(_certificates) is { } certificates)
        {
            await Console.Out.WriteLineAsync(new CertificateFolder(Existing(certificates), TimeProvider.System).Ensure(parsed.GetRequiredValue(_hosts)));
        }

        if (secretsFolder is not null)
        {
            var secrets = new Secrets(Existing(secretsFolder));
            secrets.EnsureTokenSecret();
            await Console.Out.WriteLineAsync(secrets.EnsureApiKey());
            if (redis is not null)
            {
                secrets.EnsureRedisPassword(redis, Existing(redisFolder!));
            }
        }

        if (parsed.GetRequiredValue(_demoToken) is var lifetime and not NoToken)
        {
            await PrintDemoTokenAsync(lifetime, secretsFolder is null ? builder.Configuration : WithSecrets(parsed, secretsFolder));
        }

        return 0;
    }

    private static async Task PrintDemoTokenAsync(string lifetime, IConfiguration configuration)
    {
        if (!Duration.TryParse(lifetime, out var duration))
        {
            throw new ConfigurationProblem($"'{lifetime}' is no duration. Right is, for example, 90s, 15m, 1h or 30d, or '{NoToken}' for no token.");
        }

        var policy = configuration.ReadJwtPolicy() ?? throw new ConfigurationProblem($"'{JwtOptions.Section}:Secret' is not set, so no token can be made. Use --secrets.");
        var request = new TokenRequest(DemoUser, duration.Value, [DemoChannels], [DemoChannels], []);
        await Console.Out.WriteLineAsync($"To sign in to the page that tries the bus, for {lifetime} and the channels {DemoChannels}:");
        await Console.Out.WriteLineAsync(TokenWriter.Create(policy, request, TimeProvider.System.GetUtcNow()));
    }

    /// <summary>The configuration as a gateway reads it that starts with these secrets.</summary>
    private static ConfigurationManager WithSecrets(ParseResult parsed, string folder) =>
        GatewayConfiguration.NewBuilder([.. parsed.UnmatchedTokens, $"--{GatewayOptions.Section}:{nameof(GatewayOptions.SecretsFolder)}={folder}"]).Configuration;

    private static string Existing(string folder) =>
        Directory.Exists(folder) ? folder : throw new ConfigurationProblem($"The folder {folder} is not there.");
}
