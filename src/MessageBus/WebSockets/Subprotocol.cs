namespace MessageBus.WebSockets;

/// <summary>
/// Chooses among the subprotocols that a client offers (Sec-WebSocket-Protocol, RFC 6455 section 1.9). An entry <c>bearer.TOKEN</c> carries a token
/// and is no subprotocol: it is never chosen, so never echoed.
/// </summary>
internal static class Subprotocol
{
    public const string Name = "messagebus.v1.json";

    private const string BearerPrefix = "bearer.";

    // A client offers one or two, and a token. Thousands fit into the head of a request.
    private const int MaxOffered = 16;

    /// <summary>False where only unknown ones are offered, or too many. None offered means the same as ours, without naming it in the answer.</summary>
    public static bool TryChoose(IList<string> offered, out string? chosen)
    {
        chosen = offered.Count <= MaxOffered && offered.Contains(Name) ? Name : null;
        return chosen is not null || (offered.Count <= MaxOffered && offered.All(IsToken));
    }

    /// <summary>Whether a token is among what the client offers.</summary>
    public static bool CarriesToken(IList<string> offered) => offered.Any(IsToken);

    public static bool IsToken(string entry) => entry.StartsWith(BearerPrefix, StringComparison.Ordinal);
}
