namespace MessageBus.Access;

/// <summary>
/// The origins, beside the gateway's own, whose pages may open a WebSocket. Compared as browsers write them (RFC 6454 section 6.2): exactly.
/// </summary>
internal sealed class AllowedOrigins
{
    private readonly HashSet<string> _origins;

    private AllowedOrigins(HashSet<string> origins) => _origins = origins;

    public static AllowedOrigins Read(IList<string> origins, string key, ICollection<string> problems)
    {
        foreach (var (index, origin) in origins.Index())
        {
            if (Problem(origin) is { } problem)
            {
                problems.Add($"'{key}:{index}' is '{origin}'. {problem}");
            }
        }

        return new AllowedOrigins(origins.ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>Whether pages of <paramref name="origin"/> may connect to the address that the request was sent to.</summary>
    /// <param name="origin">The header as it came.</param>
    /// <param name="scheme">Of the request: http or https.</param>
    /// <param name="host">Host, and port where it is not the scheme's own.</param>
    public bool Admits(string origin, string scheme, string host) => _origins.Contains(origin) || IsOwn(origin, scheme, host);

    private static bool IsOwn(string origin, string scheme, string host)
    {
        // Default ports are not written in an origin.
        var own = Uri.TryCreate($"{scheme}://{host}", UriKind.Absolute, out var address) ? address.GetLeftPart(UriPartial.Authority) : null;
        return own is not null && !address!.Host.EndsWith('.') && string.Equals(origin, own, StringComparison.Ordinal);
    }

    private static string? Problem(string? origin)
    {
        if (origin is null or "" or "*" or "null")
        {
            return "Each origin is named by itself, for example https://app.example.com: neither '*' nor 'null', which any page can have.";
        }

        var isWhole = Uri.TryCreate(origin, UriKind.Absolute, out var address) && address.Host.Length > 0;
        var written = isWhole ? $"{address!.Scheme}://{address.IdnHost}{(address.IsDefaultPort ? "" : $":{address.Port}")}" : null;
        if (written is not null && address!.HostNameType is UriHostNameType.IPv6)
        {
            written = address.GetLeftPart(UriPartial.Authority);
        }

        return written == origin
            ? null
            : $"An origin is written as a browser sends it: {written ?? "https://app.example.com"}, with nothing behind, and a port only where it is not the default one.";
    }
}
