using System.Net;
using System.Net.Sockets;
using MessageBus.Redis.Settings;

namespace MessageBus.Redis.Topology;

/// <summary>
/// The addresses that names mean at present. Each is a candidate of its own, so that one behind which no one answers delays no other. A name server that is
/// away changes nothing: its last answer counts on.
/// </summary>
internal sealed class NameResolution(TimeProvider time)
{
    private const int MaxAddresses = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>What a search waits for a name that it has an answer for.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    // Guards both.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task> _lookups = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, IPAddress[]> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>In the order of the servers, and of each name's answer. Never throws.</summary>
    public async Task<IReadOnlyList<RedisAddress>> ResolveAsync(IEnumerable<EndPoint> servers, CancellationToken cancellationToken)
    {
        var all = await Task.WhenAll(servers.Select(async server => server is DnsEndPoint name
            ? (await AddressesOfAsync(name.Host, cancellationToken)).Select(ip => new RedisAddress(new IPEndPoint(ip, name.Port), name.Host))
            : [new RedisAddress(server)]));
        return [.. all.SelectMany(one => one).Distinct()];
    }

    /// <summary>The last answer where the name server takes its time; its next one counts once it comes.</summary>
    private async Task<IPAddress[]> AddressesOfAsync(string host, CancellationToken cancellationToken)
    {
        Task lookup;
        bool isKnown;
        lock (_gate)
        {
            isKnown = _known.ContainsKey(host);
            lookup = _lookups[host] = _lookups.TryGetValue(host, out var underWay) && !underWay.IsCompleted ? underWay : LookUpAsync(host);
        }

        await Task.WhenAny(lookup, Task.Delay(isKnown ? Moment : Patience, time, cancellationToken));
        lock (_gate)
        {
            return _known.GetValueOrDefault(host, []);
        }
    }

    private async Task LookUpAsync(string host)
    {
        try
        {
            var found = await Dns.GetHostAddressesAsync(host);
            if (found.Length > 0)
            {
                lock (_gate)
                {
                    _known[host] = [.. found.Take(MaxAddresses)];
                }
            }
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // The last answer, if there was one.
        }
    }
}
