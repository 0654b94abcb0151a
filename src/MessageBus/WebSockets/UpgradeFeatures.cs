using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MessageBus.WebSockets;

/// <summary>
/// Stands in for the server's features that turn a request into a stream (upgrade for HTTP/1.1, extended CONNECT for HTTP/2, RFC 8441),
/// so that the WebSocket middleware builds its WebSocket on a <see cref="WriteThroughStream"/>.
/// </summary>
internal sealed class UpgradeFeatures(HttpContext context, IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect)
    : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    /// <summary>Set once the WebSocket was accepted.</summary>
    public WriteThroughStream? Stream { get; private set; }

    /// <summary>Cuts the connection.</summary>
    public Action Abort { get; private set; } = context.Abort;

    /// <summary>The connection goes on without the request, which is to be ended.</summary>
    public bool IsDetached { get; private set; }

    public bool IsUpgradableRequest => upgrade?.IsUpgradableRequest ?? false;

    public bool IsExtendedConnect => connect?.IsExtendedConnect ?? false;

    public string? Protocol => connect?.Protocol;

    /// <summary>Puts itself before the server's features, and lets the middleware look at them anew.</summary>
    public static void Install(HttpContext context)
    {
        var features = new UpgradeFeatures(context, context.Features.Get<IHttpUpgradeFeature>(), context.Features.Get<IHttpExtendedConnectFeature>());
        context.Features.Set<IHttpUpgradeFeature>(features);
        context.Features.Set<IHttpExtendedConnectFeature>(features);
        context.Features.Set<IHttpWebSocketFeature>(null);
        context.Features.Set(features);
    }

    /// <summary>HTTP/1.1: the connection is this request's alone, so that it can be taken from the server once the 101 is written.</summary>
    public async Task<Stream> UpgradeAsync()
    {
        var stream = await upgrade!.UpgradeAsync();
        if (context.Features.Get<IDetachableTransport>()?.Detach() is { } detached)
        {
            IsDetached = true;
            Abort = detached.Abort;
            return Stream = new WriteThroughStream(detached.Stream, detached.ReadAhead);
        }

        return Stream = new WriteThroughStream(stream);
    }

    /// <summary>HTTP/2: the connection carries other requests too, and stays the server's.</summary>
    public async ValueTask<Stream> AcceptAsync() => Stream = new WriteThroughStream(await connect!.AcceptAsync());
}
