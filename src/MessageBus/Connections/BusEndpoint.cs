using System.Net;
using System.Security.Claims;
using MessageBus.Api;
using MessageBus.Delivery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace MessageBus.Connections;

/// <summary>Turns a request into a connection, or refuses it before the upgrade.</summary>
internal sealed class BusEndpoint(ConnectionScope scope, ConnectionRegistry registry, DeliveryLoops loops)
{
    public async Task ServeAsync(HttpContext context)
    {
        if (Refusal(context, out var subprotocol) is { } refusal)
        {
            await refusal.ExecuteAsync(context);
            return;
        }

        // A slow reader is cut by our own limits, which are kinder than the server's bytes per second.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        // Pings are ours (one timer for all connections), and compression is off: compressed secrets beside chosen text leak (CRIME).
        using var socket = await context.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext { SubProtocol = subprotocol, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        var stream = context.Features.GetRequiredFeature<UpgradeFeatures>().Stream!;
        var connection = new Connection(IdentityOf(context), socket, new StreamOutput(stream.Transport, context.Abort), loops.Next(), scope);
        stream.WriteTo(connection);
        await registry.RunAsync(connection);
    }

    private IResult? Refusal(HttpContext context, out string? subprotocol)
    {
        subprotocol = null;
        if (!context.WebSockets.IsWebSocketRequest)
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
        var user = context.User.Identity is { IsAuthenticated: true } identity
            ? context.User.FindFirstValue(ClaimTypes.NameIdentifier) ?? identity.Name
            : null;
        var remote = context.Connection.RemoteIpAddress is { } address ? new IPEndPoint(address, context.Connection.RemotePort) : null;
        return new ConnectionIdentity(ConnectionIdentity.NewId(), user, remote, scope.Time.GetUtcNow());
    }
}
