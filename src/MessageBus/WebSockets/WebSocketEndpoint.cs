using System.Net.WebSockets;
using MessageBus.Access;
using MessageBus.Connections;
using MessageBus.Delivery;
using MessageBus.Http;
using MessageBus.Limits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MessageBus.WebSockets;

/// <summary>
/// Turns a request into a connection, or refuses it before the upgrade. The way of a request stands here from top to bottom: its rate, its page's origin, the
/// framework's look at the handshake, authentication, whether it asks for a WebSocket of ours, admission, the upgrade.
/// </summary>
internal sealed class WebSocketEndpoint
{
    private readonly ConnectionRegistry _registry;
    private readonly ConnectionCounters _counters;
    private readonly ConnectionLimits _limits;
    private readonly OriginCheck _origins;
    private readonly TokenAuthentication _authentication;
    private readonly LimitOptions _connectionLimits;
    private readonly bool _allowAnonymous;
    private readonly TimeProvider _time;
    private readonly WebSocketMiddleware _framework;

    public WebSocketEndpoint(
        ConnectionRegistry registry,
        ConnectionCounters counters,
        ConnectionLimits limits,
        OriginCheck origins,
        TokenAuthentication authentication,
        AccessOptions access,
        LimitOptions connectionLimits,
        IOptions<WebSocketOptions> webSocketOptions,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        _registry = registry;
        _counters = counters;
        _limits = limits;
        _origins = origins;
        _authentication = authentication;
        _allowAnonymous = access.AllowAnonymous is true;
        _connectionLimits = connectionLimits;
        _time = time;

        // A middleware of its own, so that it runs behind our upgrade features whatever the app has in its pipeline.
        _framework = new WebSocketMiddleware(AdmitAsync, webSocketOptions, loggers);
    }

    /// <summary>Over HTTP/1.1 a WebSocket is a GET, over HTTP/2 an extended CONNECT (RFC 8441 section 4).</summary>
    public static IReadOnlyList<string> Methods { get; } = [HttpMethods.Get, HttpMethods.Connect];

    public async Task ServeAsync(HttpContext context)
    {
        if (_limits.CountHandshake(context.Connection.RemoteIpAddress) is { } reached)
        {
            await Problems.LimitReached(context.Response, reached).ExecuteAsync(context);
        }
        else if (!_origins.Admits(context, CarriesToken(context)))
        {
            await Problems.ForeignOrigin().ExecuteAsync(context);
        }
        else
        {
            UpgradeFeatures.Install(context);
            await _framework.Invoke(context);
        }

        _counters.Answer(context.Response.StatusCode);
    }

    /// <summary>The framework has seen whether the request is a handshake.</summary>
    private async Task AdmitAsync(HttpContext context)
    {
        if (ProblemOf(context, out var subprotocol) is { } problem)
        {
            await problem.ExecuteAsync(context);
            return;
        }

        // Before the upgrade: of those that come at the same moment no more get in than there are places.
        var identity = ConnectionIdentity.Of(context, _time.GetUtcNow());
        if (!_limits.TryEnter(identity.Remote?.Address, identity.User, out var lease, out var reached))
        {
            await Problems.LimitReached(context.Response, reached).ExecuteAsync(context);
            return;
        }

        UpgradeFeatures upgraded;
        ITransport transport;
        try
        {
            upgraded = await UpgradeAsync(context, subprotocol);
            transport = TransportOver(upgraded.Stream!, subprotocol);
        }
        catch
        {
            lease.Dispose();
            throw;
        }

        var output = new StreamOutput(upgraded.Stream!.Transport, upgraded.Abort);
        if (upgraded.IsDetached)
        {
            // The registry owns it from here, and the request ends. Nothing of the request (its context, its scopes) is to live on in it.
            using var suppressed = ExecutionContext.SuppressFlow();
            _registry.Open(identity, lease, transport, output);
        }
        else
        {
            await _registry.Open(identity, lease, transport, output).Ended;
        }
    }

    private IResult? ProblemOf(HttpContext context, out string? subprotocol)
    {
        subprotocol = null;
        if (!IsAuthenticated(context, out var problem))
        {
            return problem;
        }

        // RFC 6455 section 4.1 asks for HTTP/1.1 or higher; the framework does not.
        if (!context.WebSockets.IsWebSocketRequest || HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            context.Response.Headers.Upgrade = "websocket";
            return Problems.UpgradeRequired();
        }

        if (_registry.IsClosing)
        {
            context.Response.Headers.RetryAfter = "1";
            return Problems.ShuttingDown();
        }

        return Subprotocol.TryChoose(context.WebSockets.WebSocketRequestedProtocols, out subprotocol) ? null : Problems.BadSubprotocol();
    }

    /// <summary>
    /// A request without a token may still bring one in <c>connect</c>. A token that was given on purpose and is not accepted is told so, instead of serving
    /// its holder as an anonymous user.
    /// </summary>
    private bool IsAuthenticated(HttpContext context, out IResult? problem)
    {
        problem = context.User.Identity is { IsAuthenticated: true } ? null
            : _authentication.TakesTokens ? (CarriesToken(context) ? Problems.BadToken() : null)
            : _allowAnonymous ? null : Problems.Unauthenticated();
        return problem is null;
    }

    private static bool CarriesToken(HttpContext context) =>
        context.Request.Headers.Authorization.Count > 0 || Subprotocol.CarriesToken(context.WebSockets.WebSocketRequestedProtocols);

    private static async Task<UpgradeFeatures> UpgradeAsync(HttpContext context, string? subprotocol)
    {
        // A slow reader is cut by our own limits, which are kinder than the server's bytes per second.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        // The framework checks the handshake and answers it. Its WebSocket would hold the request for as long as it lives; the one that is used is made
        // on the same stream without it. Pings are ours (one timer for all connections), and compression is off: compressed secrets beside chosen text leak.
        await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { SubProtocol = subprotocol, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        return context.Features.GetRequiredFeature<UpgradeFeatures>();
    }

    private WebSocketTransport TransportOver(WriteThroughStream stream, string? subprotocol)
    {
        var socket = WebSocket.CreateFromStream(
            stream, new WebSocketCreationOptions { IsServer = true, SubProtocol = subprotocol, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        return new WebSocketTransport(socket, stream, _connectionLimits, _time);
    }
}
