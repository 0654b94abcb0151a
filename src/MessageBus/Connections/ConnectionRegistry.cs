using System.Collections.Concurrent;
using MessageBus.Protocol;

namespace MessageBus.Connections;

/// <summary>The connections of this gateway.</summary>
internal sealed class ConnectionRegistry(ConnectionCounters counters)
{
    private readonly ConcurrentDictionary<string, Entry> _connections = new();
    private volatile bool _isClosing;

    public IEnumerable<Connection> All => _connections.Values.Select(entry => entry.Connection);

    /// <summary>Set once the gateway is stopping: no further connection is served.</summary>
    public bool IsClosing => _isClosing;

    public bool IsEmpty => _connections.IsEmpty;

    /// <summary>Serves the connection on its own: the registry owns it until it has ended.</summary>
    public void Start(Connection connection) => Add(connection);

    /// <summary>Serves the connection to its end.</summary>
    public Task RunAsync(Connection connection) => Add(connection).Ended;

    /// <summary>From now on a connection that comes is closed at once. Those that are here stay.</summary>
    public void BeginClosing() => _isClosing = true;

    /// <summary>Ends when all connections have ended, whatever came of each.</summary>
    public async Task WaitUntilEmptyAsync()
    {
        // Again for those that were accepted a moment ago.
        while (!_connections.IsEmpty)
        {
            await Task.WhenAny(Task.WhenAll(_connections.Values.Select(entry => entry.Ended)));
        }
    }

    private Entry Add(Connection connection)
    {
        var entry = new Entry(connection);
        entry.Ended = ServeAsync(entry);
        if (IsClosing)
        {
            connection.Close(CloseReason.ShuttingDown);
        }

        return entry;
    }

    private async Task ServeAsync(Entry entry)
    {
        var connection = entry.Connection;
        _connections[connection.Identity.Id] = entry;
        counters.Open();

        // The caller is a request that is to end: a client that sends without a pause must not keep it.
        await Task.Yield();
        try
        {
            await connection.RunAsync();
        }
        finally
        {
            _connections.TryRemove(connection.Identity.Id, out _);
            counters.Close(connection.CloseReason ?? CloseReason.Lost);
            connection.Place.Dispose();
        }
    }

    private sealed class Entry(Connection connection)
    {
        public Connection Connection { get; } = connection;

        public Task Ended { get; set; } = Task.CompletedTask;
    }
}
