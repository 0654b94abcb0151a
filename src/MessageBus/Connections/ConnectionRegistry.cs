using System.Collections.Concurrent;
using MessageBus.Protocol;

namespace MessageBus.Connections;

/// <summary>The connections of this gateway.</summary>
internal sealed class ConnectionRegistry
{
    private readonly ConnectionCounters _counters;

    // One for all connections.
    private readonly Action<Connection> _remove;
    private readonly ConcurrentDictionary<string, Connection> _connections = new();
    private volatile bool _isClosing;

    public ConnectionRegistry(ConnectionCounters counters)
    {
        _counters = counters;
        _remove = Remove;
    }

    public IEnumerable<Connection> All => _connections.Values;

    /// <summary>Set once the gateway is stopping: no further connection is served.</summary>
    public bool IsClosing => _isClosing;

    public bool IsEmpty => _connections.IsEmpty;

    /// <summary>Serves the connection on its own: the registry owns it until it has ended.</summary>
    public void Start(Connection connection) => Add(connection);

    /// <summary>Serves the connection to its end.</summary>
    public Task RunAsync(Connection connection) => Add(connection);

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

    private Task Add(Connection connection)
    {
        _connections[connection.Identity.Id] = connection;
        _counters.Open();
        connection.Start(_remove);
        if (IsClosing)
        {
            connection.Close(CloseReason.ShuttingDown);
        }

        return connection.Ended;
    }

    private void Remove(Connection connection)
    {
        _connections.TryRemove(connection.Identity.Id, out _);
        _counters.Close(connection.CloseReason ?? CloseReason.Lost);
        connection.Place.Dispose();
    }
}
