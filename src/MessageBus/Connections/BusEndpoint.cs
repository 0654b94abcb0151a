using System.Net;
using System.Net.WebSockets;
using MessageBus.Access;
using MessageBus.Delivery;
using Microsoft.AspNetCore.Authentication;
using MessageBus.Limits;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;

namespace MessageBus.Connections;

/// <summary>Turns a request into a connection, or refuses it before the upgrade.</summary>
internal sealed class BusEndpoint(
    ConnectionRegistry registry, ConnectionLimits limits, Admission admission, IOptions<MessageBusOptions> options, TimeProvider time)
{
    public async Task ServeAsync(HttpContext context)
    {
        if (Refusal(context, out var subprotocol) is { } refusal)
        {
            await refusal.ExecuteAsync(context);
            return;
        }

        // Before the upgrade: of those that come at the same moment no more get in than there are places.
        var identity = IdentityOf(context);
        if (!limits.TryEnter(identity.Remote?.Address, identity.User, out var place, out var reached))
        {
            await Problems.LimitReached(context.Response, reached).ExecuteAsync(context);
            return;
        }

        WebSocket socket;
        UpgradeFeatures upgraded;
        try
        {
            (socket, upgraded) = await AcceptAsync(context, subprotocol);
        }
        catch
        {
            place.Dispose();
            throw;
        }

        var output = new StreamOutput(upgraded.Stream!.Transport, upgraded.Abort);
        if (upgraded.IsDetached)
        {
            // The registry owns it from here, and the request ends. Nothing of the request (its context, its scopes) is to live on in it.
            using var suppressed = ExecutionContext.SuppressFlow();
            registry.Open(identity, place, socket, upgraded.Stream, output);
        }
        else
        {
            await registry.Open(identity, place, socket, upgraded.Stream, output).Ended;
        }
    }

    private static async Task<(WebSocket Socket, UpgradeFeatures Upgraded)> AcceptAsync(HttpContext context, string? subprotocol)
    {
        // A slow reader is cut by our own limits, which are kinder than the server's bytes per second.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        // The framework checks the handshake and answers it. Its WebSocket would hold the request for as long as it lives; the one that is used is made
        // on the same stream without it. Pings are ours (one timer for all connections), and compression is off: compressed secrets beside chosen text leak.
        await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { SubProtocol = subprotocol, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        var upgraded = context.Features.GetRequiredFeature<UpgradeFeatures>();
        var socket = WebSocket.CreateFromStream(
            upgraded.Stream!, new WebSocketCreationOptions { IsServer = true, SubProtocol = subprotocol, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        return (socket, upgraded);
    }

    /// <summary>
    /// Why nobody is let in who comes with this request; null where they are. Without a token they may still bring one in <c>connect</c>.
    /// A token that was given on purpose and is not accepted is told so, instead of serving its holder as nobody.
    /// </summary>
    private IResult? Unauthorized(HttpContext context)
    {
        if (context.User.Identity is { IsAuthenticated: true })
        {
            return null;
        }

        if (!admission.TakesTokens)
        {
            return options.Value.AllowAnonymous is true ? null : Problems.Unauthenticated();
        }

        return context.Request.Headers.Authorization.Count > 0 || Subprotocol.CarriesToken(context.WebSockets.WebSocketRequestedProtocols)
            ? Problems.BadToken()
            : null;
    }

    private IResult? Refusal(HttpContext context, out string? subprotocol)
    {
        subprotocol = null;
        if (Unauthorized(context) is { } unauthorized)
        {
            return unauthorized;
        }

        // RFC 6455 section 4.1 asks for HTTP/1.1 or higher; the framework does not.
        if (!context.WebSockets.IsWebSocketRequest || HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            context.Response.Headers.Upgrade = "websocket";
            return Problems.UpgradeRequired();
        }

        if (registry.IsClosing)
        {
            context.Response.Headers.RetryAfter = "1";
            return Problems.ShuttingDown();
        }

        return Subprotocol.TryChoose(context.WebSockets.WebSocketRequestedProtocols, out subprotocol) ? null : Problems.BadSubprotocol();
    }

    private ConnectionIdentity IdentityOf(HttpContext context)
    {
        var remote = context.Connection.RemoteIpAddress is { } address ? new IPEndPoint(address, context.Connection.RemotePort) : null;
        var nobody = new ConnectionIdentity(ConnectionIdentity.NewId(), Caller.Anonymous, remote, time.GetUtcNow(), Expires: null);

        // Schemes say there when a cookie or a token ends.
        var expires = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc;
        return nobody.With(context.User, expires) ?? nobody;
    }
}
