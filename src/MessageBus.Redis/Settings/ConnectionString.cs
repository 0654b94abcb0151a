using System.Diagnostics.CodeAnalysis;
using StackExchange.Redis;

namespace MessageBus.Redis.Settings;

/// <summary>
/// Reads <c>ConnectionStrings:Redis</c> in each form that is in use:
/// <code>
/// string  = address *("," address) *("," name "=" value)        the client's own form, addresses first
///         / ("redis://" / "rediss://") [[user] ":" password "@"] host [":" port] *("," host [":" port]) ["/"] *("," name "=" value)
/// address = host [":" port] / ["unix:"] path
/// </code>
/// What it says of a string that is wrong repeats nothing of it that may be part of a password.
/// </summary>
internal static class ConnectionString
{
    private const string UnixScheme = "unix:";

    public static bool TryParse(string text, [NotNullWhen(true)] out ConfigurationOptions? options, [NotNullWhen(false)] out string? problem)
    {
        options = null;
        RedisUrl? url = null;
        if (text.Contains("://", StringComparison.Ordinal) && !text.StartsWith(UnixScheme, StringComparison.OrdinalIgnoreCase) && (url = RedisUrl.Parse(text, out text)) is null)
        {
            problem = "ConnectionStrings:Redis is not a URL that can be read. Right is, for example, 'redis://user:password@host:6379'; in a password write %2F for a slash, "
                + "or set MessageBus:Redis:Password.";
            return false;
        }

        var parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var addresses = parts.TakeWhile(part => !IsOption(part)).ToList();
        var settings = parts.Skip(addresses.Count).ToList();
        if (addresses.Count is 0)
        {
            problem = "ConnectionStrings:Redis names no server. Right is, for example, 'localhost:6379'.";
            return false;
        }

        if ((problem = ProblemOf(settings)) is not null)
        {
            return false;
        }

        try
        {
            options = ConfigurationOptions.Parse(string.Join(',', addresses.Select(Unix).Concat(settings)));
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            problem = $"ConnectionStrings:Redis cannot be read: one of its options ({string.Join(", ", settings.Select(NameOf))}) has a value that is not one of its kind.";
            return false;
        }

        url?.Into(options);
        return true;
    }

    private static string? ProblemOf(List<string> settings)
    {
        if (settings.Exists(setting => !IsOption(setting)))
        {
            return "ConnectionStrings:Redis has something after its options that is no option (name=value). Addresses come first; a password with a comma belongs into MessageBus:Redis:Password.";
        }

        // Only what no password precedes is surely not a part of one.
        var unknown = settings.FindIndex(setting => !KnownOptions.Contains(NameOf(setting)) && !setting.StartsWith('$'));
        return unknown < 0 ? null
            : settings.Take(unknown).Any(setting => NameOf(setting).EndsWith("password", StringComparison.OrdinalIgnoreCase))
                ? "ConnectionStrings:Redis has an option behind its password that there is not. A password with a comma belongs into MessageBus:Redis:Password."
            : $"ConnectionStrings:Redis has the option '{NameOf(settings[unknown])}', which there is not.";
    }

    private static bool IsOption(string part) => part.Contains('=', StringComparison.Ordinal);

    private static string NameOf(string setting) => setting[..setting.IndexOf('=', StringComparison.Ordinal)].Trim();

    /// <summary>The client's mark for the path of a unix socket.</summary>
    private static string Unix(string address) =>
        address.StartsWith(UnixScheme, StringComparison.OrdinalIgnoreCase) ? "!" + address[UnixScheme.Length..].Replace("///", "/", StringComparison.Ordinal)
        : address.StartsWith('/') ? "!" + address
        : address;

    private static readonly HashSet<string> KnownOptions = new(StringComparer.OrdinalIgnoreCase)
    {
        "abortConnect", "allowAdmin", "asyncTimeout", "channelPrefix", "checkCertificateRevocation", "configChannel", "configCheckSeconds", "connectRetry",
        "connectTimeout", "defaultDatabase", "heartbeatInterval", "highIntegrity", "heartbeatConsistencyChecks", "includeDetailInExceptions",
        "includePerformanceCountersInExceptions", "keepAlive", "name", "password", "preserveAsyncOrder", "protocol", "proxy", "resolveDns", "responseTimeout",
        "sentinelPassword", "sentinelUser", "serviceName", "setlib", "ssl", "sslHost", "sslProtocols", "syncTimeout", "tiebreaker", "tunnel", "user", "version",
        "writeBuffer",
    };
}
