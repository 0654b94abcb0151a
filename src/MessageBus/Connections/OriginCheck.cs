using MessageBus.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MessageBus.Connections;

/// <summary>
/// Keeps pages of other sites from opening a WebSocket with the cookies of a user (RFC 6455 section 10.2). A browser names the page's origin in every such
/// request. Without an origin it is no browser: then credentials must be what the client itself has put in, and not what a browser adds by itself.
/// </summary>
internal sealed partial class OriginCheck(ChannelAccess access, ILogger<OriginCheck> logger)
{
    private readonly ILogger _logger = logger;

    public bool Admits(HttpContext context)
    {
        var request = context.Request;
        var origin = request.Headers.Origin;
        var isAdmitted = origin.Count switch
        {
            0 => context.User.Identity is not { IsAuthenticated: true } || HasToken(request),
            1 => access.Policy.Origins.Admits(origin[0] ?? "", request.Scheme, request.Host.Value ?? ""),
            _ => false,
        };
        if (!isAdmitted)
        {
            LogRefused(new string(origin.ToString().Select(letter => letter is >= ' ' and <= '~' ? letter : '?').Take(200).ToArray()));
        }

        return isAdmitted;
    }

    private static bool HasToken(HttpRequest request) =>
        request.Headers.Authorization.Count > 0
        || request.Headers.SecWebSocketProtocol.SelectMany(offered => (offered ?? "").Split(',')).Any(entry => Subprotocol.IsToken(entry.Trim()));

    [LoggerMessage(Level = LogLevel.Debug, Message = "A page of origin '{Origin}' was refused (MessageBus:AllowedOrigins).")]
    private partial void LogRefused(string origin);
}
