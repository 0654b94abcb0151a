using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;

namespace MessageBus.Redis.Settings;

/// <summary>
/// Where Redis is, who the gateway is there, and how its connections are secured: from the connection string and the settings beside it. Immutable. Everything
/// that connects to Redis takes its options from here.
/// </summary>
internal sealed class RedisSettings
{
    private readonly ConfigurationOptions _template;

    private RedisSettings(ConfigurationOptions template) => _template = template;

    /// <summary>The servers that are named, names not resolved.</summary>
    public IReadOnlyList<EndPoint> Servers { get; private init; } = [];

    /// <summary>What Sentinels call the primary; null where the servers are no Sentinels.</summary>
    public string? ServiceName => string.IsNullOrEmpty(_template.ServiceName) ? null : _template.ServiceName;

    /// <summary>What every channel's name begins with at Redis.</summary>
    public string ChannelPrefix => (string?)_template.ChannelPrefix ?? "";

    /// <summary>Whether connections are secured by TLS.</summary>
    public bool IsSecure => _template.Ssl;

    /// <summary>For logs: the servers, and nothing that may be secret.</summary>
    public string Text => string.Join(", ", Servers.Select(RedisAddress.Text));

    /// <param name="configuration">The connection string.</param>
    /// <param name="user">Instead of the user in the string.</param>
    /// <param name="password">Instead of the password in the string.</param>
    /// <param name="settings">What they mean.</param>
    /// <param name="problem">What is wrong with the string, without anything of it that may be secret.</param>
    public static bool TryRead(string? configuration, string? user, string? password, [NotNullWhen(true)] out RedisSettings? settings, [NotNullWhen(false)] out string? problem)
    {
        settings = null;
        if (!ConnectionString.TryParse(configuration ?? "", out var template, out problem))
        {
            return false;
        }

        template.User = string.IsNullOrEmpty(user) ? template.User : user;
        template.Password = string.IsNullOrEmpty(password) ? template.Password : password;

        // Those of a cloud are found by its host names, which an address would hide.
        template.Defaults = StackExchange.Redis.Configuration.DefaultOptionsProvider.GetProvider(template.EndPoints);
        var port = !string.IsNullOrEmpty(template.ServiceName) ? 26379 : template.Ssl ? 6380 : 6379;
        settings = new RedisSettings(template) { Servers = [.. template.EndPoints.Select(server => WithPort(server, port))] };
        return true;
    }

    /// <summary>
    /// Options of a client that holds a connection to exactly this address, says at once why it cannot, and never reconnects: a link that breaks is replaced.
    /// TLS is not among them (<see cref="Tls"/>).
    /// </summary>
    public ConfigurationOptions For(RedisAddress address, string purpose)
    {
        var options = _template.Clone();
        options.EndPoints.Clear();
        options.EndPoints.Add(address.EndPoint);
        options.ServiceName = null;
        options.Ssl = false;
        options.AbortOnConnectFail = true;
        options.ConnectRetry = 1;
        options.ConnectTimeout = Math.Max(5000, _template.ConnectTimeout);
        options.SyncTimeout = options.AsyncTimeout = 5000;
        options.ReconnectRetryPolicy = NeverAgain.Policy;

        // No queue that publishes later what was answered with unavailable.
        options.BacklogPolicy = BacklogPolicy.FailFast;

        // Firewalls and proxies cut what is idle for 20 or 30 s.
        options.KeepAlive = 10;
        options.HeartbeatInterval = TimeSpan.FromSeconds(1);

        // They PING once a second, which a Redis that cannot save its snapshot refuses: the link would break for nothing.
        options.HeartbeatConsistencyChecks = false;

        // No key is read, nothing is subscribed that is not ours, nothing is followed beneath us.
        options.TieBreaker = "";
        options.ConfigurationChannel = "";
        options.ConfigCheckSeconds = 0;
        options.CommandMap = CommandMap.Create(Commands(_template.CommandMap));
        options.ClientName = $"{_template.ClientName ?? "messagebus"}-{purpose}";
        options.LibraryName = "messagebus";
        options.IncludeDetailInExceptions = false;
        options.IncludePerformanceCountersInExceptions = false;
        return options;
    }

    /// <summary>Options of a client that asks one Sentinel. Its user and password are its own.</summary>
    public ConfigurationOptions ForSentinel(RedisAddress address)
    {
        var options = For(address, "sentinel");
        options.User = _template.SentinelUser;
        options.Password = _template.SentinelPassword;
        options.CommandMap = CommandMap.Sentinel;
        options.ChannelPrefix = RedisChannel.Literal("");
        options.Protocol = RedisProtocol.Resp2;
        options.ConnectTimeout = 2000;
        options.AsyncTimeout = 1500;
        return options;
    }

    /// <summary>How a connection to the address is secured; null where it is not. The certificate is checked against the name, whatever address it has.</summary>
    public SslClientAuthenticationOptions? Tls(RedisAddress address) => !_template.Ssl
        ? null
        : new SslClientAuthenticationOptions
        {
            TargetHost = _template.SslHost ?? address.Name ?? (address.EndPoint as IPEndPoint)?.Address.ToString(),
            EnabledSslProtocols = _template.SslProtocols ?? default,
            CertificateRevocationCheckMode = _template.CheckCertificateRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck,
        };

    private static EndPoint WithPort(EndPoint server, int port) => server switch
    {
        DnsEndPoint { Port: 0 } name => new DnsEndPoint(name.Host, port),
        IPEndPoint { Port: 0 } address => new IPEndPoint(address.Address, port),
        _ => server,
    };

    /// <summary>What the operator has renamed or turned off (<c>$command=</c>), and what no link uses.</summary>
    private static Dictionary<string, string?> Commands(CommandMap map)
    {
        var commands = map.ToString().Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(one => one.TrimStart('$').Split('='))
            .ToDictionary(one => one[0], one => (string?)one[^1], StringComparer.OrdinalIgnoreCase);
        foreach (var unused in Unused)
        {
            commands[unused] = null;
        }

        return commands;
    }

    /// <summary>CLUSTER off keeps a link to its node; the rest a restricted user may not, and the client would for no use of ours.</summary>
    private static readonly HashSet<string> Unused = ["CLUSTER", "CONFIG", "INFO", "SET", "GET", "SENTINEL"];

    private sealed class NeverAgain : IReconnectRetryPolicy
    {
        public static readonly NeverAgain Policy = new();

        public bool ShouldRetry(long currentRetryCount, int timeElapsedMillisecondsSinceLastRetry) => false;
    }
}
