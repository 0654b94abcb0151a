using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MessageBus.Connections;

/// <summary>
/// Stands in for the server's features that turn a request into a stream (upgrade for HTTP/1.1, extended CONNECT for HTTP/2, RFC 8441),
/// so that the WebSocket middleware builds its WebSocket on a <see cref="WriteThroughStream"/>.
/// </summary>
internal sealed class UpgradeFeatures(IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect) : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    /// <summary>Set once the WebSocket was accepted.</summary>
    public WriteThroughStream? Stream { get; private set; }

    public bool IsUpgradableRequest => upgrade?.IsUpgradableRequest ?? false;

    public bool IsExtendedConnect => connect?.IsExtendedConnect ?? false;

    public string? Protocol => connect?.Protocol;

    /// <summary>Puts itself before the server's features, and lets the middleware look at them anew.</summary>
    public static void Install(HttpContext context)
    {
        var features = new UpgradeFeatures(context.Features.Get<IHttpUpgradeFeature>(), context.Features.Get<IHttpExtendedConnectFeature>());
        context.Features.Set<IHttpUpgradeFeature>(features);
        context.Features.Set<IHttpExtendedConnectFeature>(features);
        context.Features.Set<IHttpWebSocketFeature>(null);
        context.Features.Set(features);
    }

    public async Task<Stream> UpgradeAsync() => Stream = new WriteThroughStream(await upgrade!.UpgradeAsync());

    public async ValueTask<Stream> AcceptAsync() => Stream = new WriteThroughStream(await connect!.AcceptAsync());
}
