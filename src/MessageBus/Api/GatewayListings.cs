using MessageBus.Cluster;
using Microsoft.AspNetCore.Http;

namespace MessageBus.Api;

/// <summary>A gateway, as it says itself. Counts are since its start.</summary>
/// <param name="Id">Of its process.</param>
/// <param name="Host">The name of its machine or container.</param>
/// <param name="Version">Of the program.</param>
/// <param name="State"><c>here</c>: it answers this question. <c>up</c>: another one. <c>missing</c>: it was not heard for three of its intervals.</param>
/// <param name="Draining">It is being stopped, and sends its connections away.</param>
/// <param name="Broker"><c>up</c> or <c>down</c>. Of a gateway that has lost the broker, the others hear nothing.</param>
/// <param name="Started">When, by its own clock.</param>
/// <param name="UptimeSeconds">Since then; no change of the clock moves it.</param>
/// <param name="HeardSecondsAgo">How old this is, by the clock of the gateway that answers.</param>
/// <param name="Connections">Open ones.</param>
/// <param name="Channels">That it is subscribed to at the broker.</param>
/// <param name="Subscriptions">Of all its connections.</param>
/// <param name="Received">Publications that the broker has brought.</param>
/// <param name="Sent">Publications of its clients and of its API that the broker has taken.</param>
/// <param name="Deliveries">Publications times the subscriptions that they were given to.</param>
public sealed record GatewayListing(
    string Id,
    string Host,
    string Version,
    string State,
    bool Draining,
    string Broker,
    DateTimeOffset Started,
    double UptimeSeconds,
    double HeardSecondsAgo,
    long Connections,
    long Channels,
    long Subscriptions,
    long Received,
    long Sent,
    long Deliveries);

/// <summary><c>GET gateways</c>: this one first, then the others by host.</summary>
internal sealed class GatewayListings(OwnReport own, PeerTable peers)
{
    public IEnumerable<GatewayListing> Gateways(HttpResponse response)
    {
        response.Headers[Listings.GatewayHeader] = own.Id;
        response.Headers.CacheControl = "no-store";
        return
        [
            Of(own.Now(), "here", TimeSpan.Zero),
            .. from peer in peers.All()
               orderby peer.Report.Host, peer.Report.Id
               select Of(peer.Report, peer.IsMissing ? "missing" : "up", peer.HeardAgo),
        ];
    }

    private static GatewayListing Of(GatewayReport report, string state, TimeSpan heardAgo) => new(
        report.Id,
        report.Host,
        report.Version,
        state,
        report.Phase is GatewayPhase.Draining,
        report.IsBrokerUp ? "up" : "down",
        report.Started,
        report.Uptime,
        Math.Round(heardAgo.TotalSeconds, 3),
        report.Connections,
        report.Channels,
        report.Subscriptions,
        report.Received,
        report.Sent,
        report.Deliveries);
}
