using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MessageBus.Access;

/// <summary>
/// Keeps pages of other sites from using the gateway with the cookies of a user (RFC 6455 section 10.2). A browser names the page's origin in every request
/// that opens a WebSocket or is not a plain GET.
/// </summary>
internal sealed partial class OriginCheck(ChannelAccess access, ILogger<OriginCheck> logger)
{
    private readonly ILogger _logger = logger;

    /// <summary>
    /// Whether the request may be served as its user's. Without an origin it is no browser's: then credentials must be a token, which the client itself has put
    /// in (<paramref name="carriesToken"/>), and not what a browser adds.
    /// </summary>
    public bool Admits(HttpContext context, bool carriesToken) =>
        context.Request.Headers.Origin.Count is 0
            ? carriesToken || context.User.Identity is not { IsAuthenticated: true }
            : AdmitsPage(context.Request);

    /// <summary>
    /// Whether an API call is no page's, or an admitted page's. A page of any site can have a browser send a POST, with the user's cookies, or to a gateway
    /// on his own machine; it only cannot read the answer.
    /// </summary>
    public bool AdmitsPage(HttpRequest request)
    {
        var origin = request.Headers.Origin;
        var isAdmitted = origin.Count is 0 || (origin.Count is 1 && access.Policy.Origins.Admits(origin[0] ?? "", request.Scheme, request.Host.Value ?? ""));
        if (!isAdmitted)
        {
            LogRefused(new string(origin.ToString().Select(letter => letter is >= ' ' and <= '~' ? letter : '?').Take(200).ToArray()));
        }

        return isAdmitted;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "A page of origin '{Origin}' was refused (MessageBus:AllowedOrigins).")]
    private partial void LogRefused(string origin);
}
