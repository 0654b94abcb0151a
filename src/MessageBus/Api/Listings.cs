using MessageBus.Connections;
using MessageBus.Delivery;

namespace MessageBus.Api;

/// <summary>A channel with subscriptions on this gateway.</summary>
/// <param name="Name">The channel.</param>
/// <param name="Subscribers">Subscriptions on this gateway.</param>
public sealed record ChannelListing(string Name, int Subscribers);

/// <summary>A connection of this gateway.</summary>
/// <param name="Id">The connection's id.</param>
/// <param name="User">The user, where there is one.</param>
/// <param name="RemoteAddress">Address and port of the other end, as the gateway sees it.</param>
/// <param name="Since">When it was accepted.</param>
/// <param name="Channels">The channels that it is subscribed to.</param>
/// <param name="QueuedBytes">Bytes that wait for it.</param>
public sealed record ConnectionListing(string Id, string? User, string? RemoteAddress, DateTimeOffset Since, IReadOnlyList<string> Channels, long QueuedBytes);

/// <summary>What the gateway has at the moment, in a stable order.</summary>
internal sealed class Listings(ChannelDirectory directory, ConnectionRegistry registry)
{
    public IEnumerable<ChannelListing> Channels(string? prefix) =>
        from channel in directory.Snapshot()
        where channel.Name.Value.StartsWith(prefix ?? "", StringComparison.Ordinal)
        orderby channel.Name.Value
        select new ChannelListing(channel.Name.Value, channel.Subscribers);

    public IEnumerable<ConnectionListing> Connections() =>
        from connection in registry.All
        where connection.CloseReason is null
        let who = connection.Identity
        orderby who.Since
        select new ConnectionListing(
            who.Id, who.User, who.Remote?.ToString(), who.Since, connection.Channels, connection.Subscriber.Queue.Bytes);
}
