using System.Text.RegularExpressions;

namespace MessageBus.Redis.Settings;

/// <summary>A connection string without what may be secret: what is printed ends up in tickets.</summary>
internal static partial class MaskedConnectionString
{
    private const string Mask = "********";

    /// <summary>
    /// Credentials of a URL go as a whole, and a password up to the next option that there is: what looks like something else behind it may be a part of it.
    /// </summary>
    public static string Of(string text) => Passwords().Replace(Credentials().Replace(text, $"$1{Mask}@"), $"$1{Mask}");

    [GeneratedRegex("^(.*?://).*@", RegexOptions.Singleline)]
    private static partial Regex Credentials();

    [GeneratedRegex(
        @"((?:^|,)\s*(?:sentinel)?password\s*=).*?(?=,\s*(?:ssl|sslHost|sslProtocols|abortConnect|connectTimeout|channelPrefix|serviceName|user|sentinelUser|sentinelPassword|password|name|keepAlive|protocol)\s*=|$)",
        RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Passwords();
}
