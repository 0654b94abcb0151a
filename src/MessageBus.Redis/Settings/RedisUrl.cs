using System.Text.RegularExpressions;
using StackExchange.Redis;

namespace MessageBus.Redis.Settings;

/// <summary>
/// A connection string as a URL, as other Redis clients take it (https://www.iana.org/assignments/uri-schemes/prov/redis): <c>rediss</c> means TLS.
/// Several hosts may follow one another, as <c>redis://one:6379,two:6379</c>. The number of a database is accepted and means nothing: channels have none.
/// </summary>
internal sealed partial class RedisUrl
{
    private bool _isSecure;
    private string? _user;
    private string? _password;

    public static bool IsUrl(string text) => Form().IsMatch(text);

    /// <summary>Takes scheme, credentials and path away; hosts and options stay.</summary>
    public static RedisUrl? Parse(string text, out string rest)
    {
        var match = Form().Match(text);
        rest = match.Groups["hosts"].Value + match.Groups["options"].Value;
        if (match.Groups["hosts"].Length is 0)
        {
            return null;
        }

        var url = new RedisUrl { _isSecure = match.Groups["secure"].Success };
        if (match.Groups["credentials"] is { Success: true } credentials)
        {
            var colon = credentials.Value.IndexOf(':', StringComparison.Ordinal);
            var user = Uri.UnescapeDataString(colon < 0 ? credentials.Value : credentials.Value[..colon]);
            url._user = user.Length is 0 ? null : user;
            url._password = colon < 0 ? null : Uri.UnescapeDataString(credentials.Value[(colon + 1)..]);
        }

        return url;
    }

    public void Into(ConfigurationOptions options)
    {
        options.Ssl |= _isSecure;
        options.User = _user ?? options.User;
        options.Password = _password ?? options.Password;
    }

    [GeneratedRegex(@"^\s*redis(?<secure>s)?://(?:(?<credentials>[^/]*)@)?(?<hosts>[^/@=?]*)(?:/\d*)?(?<options>(?:,\s*[A-Za-z$][^=,]*=.*)?)$", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Form();
}
