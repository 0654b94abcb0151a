using System.Collections.Concurrent;
using MessageBus.Access;
using MessageBus.Delivery;
using MessageBus.Limits;
using MessageBus.Protocol;
using Microsoft.Extensions.Logging;

namespace MessageBus.Connections;

/// <summary>The connections of this gateway.</summary>
internal sealed class ConnectionRegistry(
    CommandDispatcher dispatcher,
    ChannelAccess access,
    ChannelDirectory directory,
    DeliveryLoops loops,
    ConnectionCounters counters,
    TimeProvider time,
    ILogger<Connection> logger)
{
    private readonly ConcurrentDictionary<string, Connection> _connections = new();

    // One for all connections.
    private Action<Connection>? _remove;
    private volatile bool _isClosing;

    public IEnumerable<Connection> All => _connections.Values;

    /// <summary>Set once the gateway is stopping: no further connection is served.</summary>
    public bool IsClosing => _isClosing;

    public bool IsEmpty => _connections.IsEmpty;

    /// <summary>Opens a connection, which is served until it has ended (<see cref="Connection.Ended"/>).</summary>
    public Connection Open(ConnectionIdentity identity, ConnectionLease lease, ITransport transport, IMessageOutput output)
    {
        var connection = new Connection(identity, lease, transport, output, loops.Next(), dispatcher, access, directory, time, logger);
        _connections[identity.Id] = connection;
        counters.Open();
        connection.Start(_remove ??= Remove);
        if (IsClosing)
        {
            connection.Close(CloseReason.ShuttingDown);
        }

        return connection;
    }

    /// <summary>From now on a connection that comes is closed at once. Those that are here stay.</summary>
    public void BeginClosing() => _isClosing = true;

    /// <summary>Ends when all connections have ended, whatever came of each.</summary>
    public async Task WaitUntilEmptyAsync()
    {
        // Again for those that were accepted a moment ago.
        while (!_connections.IsEmpty)
        {
            await Task.WhenAny(Task.WhenAll(_connections.Values.Select(connection => connection.Ended)));
        }
    }

    private void Remove(Connection connection)
    {
        _connections.TryRemove(connection.Identity.Id, out _);
        counters.Close(connection.CloseReason ?? CloseReason.Lost);
        connection.Lease.Dispose();
    }
}
