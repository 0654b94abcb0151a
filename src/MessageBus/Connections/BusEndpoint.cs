using System.Net;
using System.Net.WebSockets;
using MessageBus.Access;
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

        // The framework checks the handshake and answers it. Its WebSocket would hold the request for as long as it lives; the one that is used is made
        // on the same stream without it. Pings are ours (one timer for all connections), and compression is off: compressed secrets beside chosen text leak.
        await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { SubProtocol = subprotocol, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        var upgraded = context.Features.GetRequiredFeature<UpgradeFeatures>();
        var socket = WebSocket.CreateFromStream(
            upgraded.Stream!, new WebSocketCreationOptions { IsServer = true, SubProtocol = subprotocol, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        var output = new StreamOutput(upgraded.Stream!.Transport, upgraded.Abort);
        var connection = new Connection(IdentityOf(context), socket, upgraded.Stream!, output, loops.Next(), scope);

        if (upgraded.IsDetached)
        {
            // The registry owns it from here, and the request ends. Nothing of the request (its context, its scopes) is to live on in it.
            using var suppressed = ExecutionContext.SuppressFlow();
            registry.Start(connection);
        }
        else
        {
            await registry.RunAsync(connection);
        }
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
        var remote = context.Connection.RemoteIpAddress is { } address ? new IPEndPoint(address, context.Connection.RemotePort) : null;
        return new ConnectionIdentity(ConnectionIdentity.NewId(), Caller.Of(context.User), remote, scope.Time.GetUtcNow());
    }
}
