using System.Net;
using System.Net.Sockets;

namespace MessageBus.Redis.Settings;

/// <summary>Where one Redis listens: an IP address and port, or a unix socket. What a link connects to; a name is never one (it may mean several).</summary>
/// <param name="EndPoint">The address.</param>
/// <param name="Name">The host name that it was found by, which a certificate is checked against.</param>
internal sealed record RedisAddress(EndPoint EndPoint, string? Name = null)
{
    public bool Equals(RedisAddress? other) => other is not null && EndPoint.Equals(other.EndPoint);

    public override int GetHashCode() => EndPoint.GetHashCode();

    public override string ToString() => Text(EndPoint);

    /// <summary>For logs: <c>host:port</c>.</summary>
    public static string Text(EndPoint endPoint) => endPoint switch
    {
        DnsEndPoint name => $"{name.Host}:{name.Port}",
        UnixDomainSocketEndPoint socket => $"unix:{socket}",
        _ => endPoint.ToString() ?? "",
    };

    /// <summary>Reads the host and port that a Sentinel or a cluster node names.</summary>
    public static EndPoint? Parse(string host, string port) =>
        !int.TryParse(port, out var number) || number is <= 0 or > ushort.MaxValue || host.Length is 0 ? null
        : IPAddress.TryParse(host, out var address) ? new IPEndPoint(address, number)
        : new DnsEndPoint(host, number);
}
