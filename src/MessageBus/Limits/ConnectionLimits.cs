using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace MessageBus.Limits;

/// <summary>
/// Counts the connections of this gateway, in all, by address and by user, and their handshakes. A connection has its place before the upgrade,
/// so that however many come at once, no more get in than there are places.
/// </summary>
internal sealed partial class ConnectionLimits
{
    /// <summary>When a place may be free again; nobody can know.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>Addresses that may be remembered before those are forgotten that nothing is to be known of.</summary>
    private const int FewAddresses = 1024;

    private readonly LimitOptions _options;
    private readonly Rate _rate;
    private readonly Rate _ratePerAddress;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    // Guards what follows. Taken a few times for each connection, for some additions.
    private readonly Lock _gate = new();
    private readonly Dictionary<AddressBlock, AddressUse> _addresses = [];
    private readonly Dictionary<string, int> _users = [];
    private TokenBucket _handshakes;
    private int _connections;
    private int _manyAddresses = FewAddresses;

    public ConnectionLimits(LimitOptions options, TimeProvider time, ILogger<ConnectionLimits> logger)
    {
        _options = options;
        _rate = new Rate(_options.MaxHandshakesPerSecond, burst: _options.MaxHandshakesPerSecond, time);
        _ratePerAddress = new Rate(_options.MaxHandshakesPerSecondPerAddress, burst: _options.MaxHandshakesPerSecondPerAddress, time);
        _time = time;
        _logger = logger;
        Array.Fill(_reportedAt, time.GetTimestamp() - (long)(ReportInterval.TotalSeconds * time.TimestampFrequency));
    }

    /// <summary>How many addresses are remembered.</summary>
    public int Addresses
    {
        get
        {
            lock (_gate)
            {
                return _addresses.Count;
            }
        }
    }

    /// <summary>Somebody asks for a WebSocket. Null where they may. Without an address (a Unix socket) only the handshakes in all count.</summary>
    public LimitReached? CountHandshake(IPAddress? address)
    {
        LimitReached? reached = null;
        lock (_gate)
        {
            // An address by itself first, so that one that does too much takes nothing from what all have.
            if (address is not null && !UseOfUnderLock(address).Handshakes.TryTake(_ratePerAddress, out var wait))
            {
                reached = new LimitReached(Limit.MaxHandshakesPerSecondPerAddress, wait);
            }
            else if (!_handshakes.TryTake(_rate, out wait))
            {
                reached = new LimitReached(Limit.MaxHandshakesPerSecond, wait);
            }
        }

        return Report(reached);
    }

    /// <summary>
    /// Takes a place for a connection, which is given back by disposing it. <paramref name="user"/> is null for one that nobody knows (yet).
    /// </summary>
    public bool TryEnter(IPAddress? address, string? user, [NotNullWhen(true)] out ConnectionLease? lease, out LimitReached reached)
    {
        lease = null;
        lock (_gate)
        {
            var use = address is null ? null : UseOfUnderLock(address);
            if (_connections >= _options.MaxConnections)
            {
                reached = new LimitReached(Limit.MaxConnections, RetryAfter);
            }
            else if (use?.Connections >= _options.MaxConnectionsPerAddress)
            {
                reached = new LimitReached(Limit.MaxConnectionsPerAddress, RetryAfter);
            }
            else if (!TryCountUserUnderLock(user))
            {
                reached = new LimitReached(Limit.MaxConnectionsPerUser, RetryAfter);
            }
            else
            {
                _connections++;
                if (use is not null)
                {
                    use.Connections++;
                }

                lease = new ConnectionLease(this, use, user);
                reached = default;
                return true;
            }
        }

        Report(reached);
        return false;
    }

    /// <summary>The connection is now known to be of <paramref name="user"/>. False where they have as many as one user may have.</summary>
    public bool TryChangeUser(ConnectionLease lease, string? user)
    {
        lock (_gate)
        {
            if (lease.User == user)
            {
                return true;
            }

            if (TryCountUserUnderLock(user))
            {
                ForgetUserUnderLock(lease.User);
                lease.User = user;
                return true;
            }
        }

        Report(new LimitReached(Limit.MaxConnectionsPerUser, RetryAfter));
        return false;
    }

    public void Leave(ConnectionLease lease)
    {
        lock (_gate)
        {
            if (lease.HasLeft)
            {
                return;
            }

            lease.HasLeft = true;
            _connections--;
            ForgetUserUnderLock(lease.User);
            if (lease.Address is { } use)
            {
                use.Connections--;
            }
        }
    }

    private bool TryCountUserUnderLock(string? user)
    {
        if (user is null)
        {
            return true;
        }

        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_users, user, out _);
        if (count >= _options.MaxConnectionsPerUser)
        {
            return false;
        }

        count++;
        return true;
    }

    private void ForgetUserUnderLock(string? user)
    {
        if (user is not null && --CollectionsMarshal.GetValueRefOrNullRef(_users, user) is 0)
        {
            _users.Remove(user);
        }
    }

    private AddressUse UseOfUnderLock(IPAddress address)
    {
        var block = AddressBlock.Of(address);
        if (_addresses.TryGetValue(block, out var known))
        {
            return known;
        }

        if (_addresses.Count >= _manyAddresses)
        {
            ForgetAddressesUnderLock();
        }

        return _addresses[block] = new AddressUse();
    }

    /// <summary>Forgets the addresses that are as if they had never been seen. Done when their number has doubled, so that it costs little for each.</summary>
    private void ForgetAddressesUnderLock()
    {
        foreach (var (block, use) in _addresses)
        {
            if (use.Connections is 0 && use.Handshakes.IsFull(_ratePerAddress))
            {
                _addresses.Remove(block);
            }
        }

        _manyAddresses = Math.Max(FewAddresses, 2 * _addresses.Count);
    }
}
