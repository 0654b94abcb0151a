using System.Collections.Concurrent;
using MessageBus.Protocol;

namespace MessageBus.Connections;

/// <summary>The connections of this gateway.</summary>
internal sealed class ConnectionRegistry
{
    private readonly ConcurrentDictionary<string, (Connection Connection, Task Ended)> _connections = new();

    public IEnumerable<Connection> All => _connections.Values.Select(entry => entry.Connection);

    /// <summary>Set once the gateway is stopping: no further connection is served.</summary>
    public bool IsClosing { get; private set; }

    /// <summary>Runs the connection to its end.</summary>
    public async Task RunAsync(Connection connection)
    {
        var running = connection.RunAsync();
        _connections[connection.Identity.Id] = (connection, running);
        if (IsClosing)
        {
            connection.Close(CloseReason.ShuttingDown);
        }

        try
        {
            await running;
        }
        finally
        {
            _connections.TryRemove(connection.Identity.Id, out _);
        }
    }

    /// <summary>Closes all connections because the gateway is stopping. Ends when they have ended.</summary>
    public async Task CloseAllAsync()
    {
        IsClosing = true;
        var entries = _connections.Values.ToList();
        foreach (var (connection, _) in entries)
        {
            connection.Close(CloseReason.ShuttingDown);
        }

        await Task.WhenAll(entries.Select(entry => entry.Ended));
    }
}
