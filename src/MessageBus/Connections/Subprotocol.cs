namespace MessageBus.Connections;

/// <summary>
/// Chooses among the subprotocols that a client offers (Sec-WebSocket-Protocol, RFC 6455 section 1.9). An entry <c>bearer.TOKEN</c> carries a token
/// and is no subprotocol: it is never chosen, so never echoed.
/// </summary>
internal static class Subprotocol
{
    public const string Name = "messagebus.v1.json";

    private const string BearerPrefix = "bearer.";

    /// <summary>False where only unknown ones are offered. None offered means the same as ours, without naming it in the answer.</summary>
    public static bool TryChoose(IList<string> offered, out string? chosen)
    {
        chosen = offered.Contains(Name) ? Name : null;
        return chosen is not null || offered.All(IsToken);
    }

    /// <summary>Whether a token is among what the client offers.</summary>
    public static bool CarriesToken(IList<string> offered) => offered.Any(IsToken);

    public static bool IsToken(string entry) => entry.StartsWith(BearerPrefix, StringComparison.Ordinal);
}
