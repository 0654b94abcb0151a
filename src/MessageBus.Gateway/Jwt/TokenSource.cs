using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace MessageBus.Gateway.Jwt;

/// <summary>
/// Where a request carries its token: the Authorization header (RFC 6750 section 2.1), the subprotocol <c>bearer.TOKEN</c>, or a cookie. The first that is there
/// counts. Never the address: addresses stand in logs and histories.
/// </summary>
internal static class TokenSource
{
    private const string Scheme = "Bearer ";
    private const string SubprotocolPrefix = "bearer.";

    /// <summary>The token; null where there is none.</summary>
    public static string? Find(HttpRequest request, string? cookie)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return authorization[Scheme.Length..].Trim();
        }

        if (!IsWebSocket(request))
        {
            return null;
        }

        return FromSubprotocol(request) ?? (cookie is not null && request.Cookies.TryGetValue(cookie, out var value) && value.Length > 0 ? value : null);
    }

    /// <summary>
    /// A browser adds the cookie to whatever another site makes it send, but lets no site set these headers on an ordinary request: so the cookie
    /// opens a WebSocket, whose origin is known, and never the API.
    /// </summary>
    private static bool IsWebSocket(HttpRequest request) =>
        request.HttpContext.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true }
        || string.Equals(request.Headers.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase);

    private static string? FromSubprotocol(HttpRequest request)
    {
        var offered = request.Headers[HeaderNames.SecWebSocketProtocol].OfType<string>().SelectMany(line => line.Split(',', StringSplitOptions.TrimEntries));
        return offered.FirstOrDefault(entry => entry.StartsWith(SubprotocolPrefix, StringComparison.Ordinal)) is { } bearer
            ? Unwrap(bearer[SubprotocolPrefix.Length..])
            : null;
    }

    /// <summary>A token that is no subprotocol as it is travels in base64url. One of ours is, and has dots, which base64url has not.</summary>
    private static string Unwrap(string token)
    {
        if (token.Contains('.', StringComparison.Ordinal) || token.Length > CompactToken.MaxLength * 2 || !Base64Url.IsValid(token))
        {
            return token;
        }

        return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token));
    }
}
