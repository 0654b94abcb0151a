using System.Globalization;
using MessageBus.Cluster;
using MessageBus.Connections;
using MessageBus.Delivery;
using MessageBus.Http;
using MessageBus.Protocol;
using Microsoft.AspNetCore.Http;

namespace MessageBus.Api;

/// <summary>A channel with subscriptions on this gateway.</summary>
/// <param name="Name">The channel.</param>
/// <param name="Subscribers">Subscriptions on this gateway. A tap counts as one.</param>
/// <param name="Publications">Publications since this gateway has had it.</param>
/// <param name="Rate">Publications a second, since the last question that was at least a second ago; null where that was more than 30 s ago.</param>
public sealed record ChannelListing(string Name, int Subscribers, long Publications, double? Rate);

/// <summary>A connection of this gateway.</summary>
/// <param name="Id">The connection's id.</param>
/// <param name="User">The user, where there is one.</param>
/// <param name="RemoteAddress">Address and port of the other end, as the gateway sees it.</param>
/// <param name="Since">When it was accepted.</param>
/// <param name="Channels">The channels that it is subscribed to.</param>
/// <param name="QueuedBytes">Bytes that wait for it.</param>
public sealed record ConnectionListing(string Id, string? User, string? RemoteAddress, DateTimeOffset Since, IReadOnlyList<string> Channels, long QueuedBytes);

/// <summary>
/// What the gateway has at the moment: the first ones of what was asked for, in a stable order. How many there are in all stands in the header
/// <c>X-Total-Count</c>, and whose they are, where a balancer stands in front of several gateways, in <c>X-Gateway-Id</c>.
/// </summary>
internal sealed class Listings(ChannelDirectory directory, ChannelRates rates, ConnectionRegistry registry, OwnReport own)
{
    public const string TotalHeader = "X-Total-Count";
    public const string GatewayHeader = "X-Gateway-Id";

    public IResult Channels(HttpResponse response, string? prefix, string? order, string? limit)
    {
        if (!ListingQuery<ChannelOrder>.TryRead(limit, order, out var query, out var problem))
        {
            return problem;
        }

        rates.Look();
        var found = directory.All.Where(channel => channel.Name.Value.StartsWith(prefix ?? "", StringComparison.Ordinal)).ToList();
        var ordered = query.Order switch
        {
            ChannelOrder.Rate => found.OrderByDescending(channel => channel.Rate ?? 0).ThenBy(channel => channel.Name.Value, StringComparer.Ordinal),
            ChannelOrder.Subscribers => found.OrderByDescending(channel => channel.Count).ThenBy(channel => channel.Name.Value, StringComparer.Ordinal),
            _ => found.OrderBy(channel => channel.Name.Value, StringComparer.Ordinal),
        };
        return Answer(response, found.Count, ordered.Take(query.Limit).Select(channel =>
            new ChannelListing(channel.Name.Value, channel.Count, channel.Publications, channel.Rate is { } rate ? Math.Round(rate, 2) : null)));
    }

    public IResult Connections(HttpResponse response, string? user, string? channel, string? address, string? order, string? limit)
    {
        if (!ListingQuery<ConnectionOrder>.TryRead(limit, order, out var query, out var problem))
        {
            return problem;
        }

        var name = default(ChannelName);
        if (!string.IsNullOrEmpty(channel) && !ChannelName.TryParse(channel, out name, out var wrong))
        {
            return Problems.BadChannel(wrong);
        }

        var found = registry.All.Where(connection => connection.CloseReason is null
            && (string.IsNullOrEmpty(user) || connection.Identity.User == user)
            && (string.IsNullOrEmpty(channel) || connection.Subscriptions.Holds(name))
            && (string.IsNullOrEmpty(address) || (connection.Identity.Remote?.ToString() ?? "").StartsWith(address, StringComparison.OrdinalIgnoreCase))).ToList();
        var ordered = query.Order switch
        {
            ConnectionOrder.Queue => found.OrderByDescending(connection => connection.Subscriber.Queue.Bytes).ThenBy(connection => connection.Identity.Since),
            ConnectionOrder.Newest => found.OrderByDescending(connection => connection.Identity.Since),
            _ => found.OrderBy(connection => connection.Identity.Since),
        };
        return Answer(response, found.Count, ordered.ThenBy(connection => connection.Identity.Id, StringComparer.Ordinal).Take(query.Limit).Select(connection =>
            new ConnectionListing(
                connection.Identity.Id,
                connection.Identity.User,
                connection.Identity.Remote?.ToString(),
                connection.Identity.Since,
                connection.Subscriptions.Channels,
                connection.Subscriber.Queue.Bytes)));
    }

    private IResult Answer<T>(HttpResponse response, int total, IEnumerable<T> items)
    {
        response.Headers[TotalHeader] = total.ToString(CultureInfo.InvariantCulture);
        response.Headers[GatewayHeader] = own.Id;
        response.Headers.CacheControl = "no-store";
        return Results.Ok(items);
    }

    private enum ChannelOrder
    {
        Name,
        Rate,
        Subscribers,
    }

    private enum ConnectionOrder
    {
        Oldest,
        Newest,
        Queue,
    }
}
