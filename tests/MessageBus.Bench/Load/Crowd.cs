using System.Diagnostics;
using System.Text;
using MessageBus.Bench.Native;

namespace MessageBus.Bench.Load;

/// <summary>All subscribers and the publisher of one system under test, driven by one thread: whoever calls <see cref="Turn"/>.</summary>
internal sealed class Crowd : IDisposable
{
    private const long PublisherNumber = -1;
    private const int ConnectionsPerSource = 20_000;

    private readonly Epoll _epoll = new(edgeTriggered: true);
    private readonly byte[] _buffer = new byte[256 * 1024];
    private readonly Target _target;
    private readonly Dialect _dialect;
    private readonly nint _tls;
    private readonly byte[]? _heartbeat;
    private readonly Dictionary<int, nint> _sessions = [];
    private ClientConnection?[] _connections = [];
    private int[] _readers = [];
    private string[] _channelNames = [];
    private RedisPublisher _publisher;
    private long _started;
    private int _heartbeats;
    private long _heartbeatsSince;

    public Crowd(Target target, Dialect dialect)
    {
        _target = target;
        _dialect = dialect;
        _tls = target.Tls ? OpenSsl.ClientContext() : 0;
        _heartbeat = dialect.ClientHeartbeat is { } heartbeat ? ClientFrame.Encode(ClientFrame.Text, Encoding.UTF8.GetBytes(heartbeat.Text)) : null;
        _publisher = ConnectPublisher();
        UpgradeRequest = Encoding.ASCII.GetBytes(
            $"GET {dialect.Path} HTTP/1.1\r\nHost: localhost:{target.Port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
            (dialect.Subprotocol is null ? "" : $"Sec-WebSocket-Protocol: {dialect.Subprotocol}\r\n") + "\r\n");
    }

    /// <summary>Where in a record of this system the stamp stood last.</summary>
    public int StampPlace;

    public byte[] UpgradeRequest { get; }

    public Tally Tally { get; } = new();

    /// <summary>How long the connections of the last <see cref="Open"/> took to become ready.</summary>
    public Histogram Connecting { get; } = new();

    /// <summary>When the bytes that are being read were received.</summary>
    public long Now { get; set; }

    public int Channels => _readers.Length;

    public int Ready { get; private set; }

    /// <summary>Connections that ended before they were ready.</summary>
    public int Failed { get; private set; }

    /// <summary>Ready connections that the server ended.</summary>
    public int Dropped { get; private set; }

    public int Resumed { get; private set; }

    public string? LastFailure { get; private set; }

    public long Unheard => _publisher.Unheard;

    /// <summary>Connects and subscribes <see cref="OpenRequest.Connections"/> clients, at most <see cref="OpenRequest.AtOnce"/> of them under way.</summary>
    public void Open(OpenRequest request)
    {
        _connections = new ClientConnection?[request.Connections];
        _readers = new int[request.Channels];
        _channelNames = [.. Enumerable.Range(0, request.Channels).Select(channel => $"bench/{channel:D6}")];
        (Ready, Failed, Dropped, Resumed, LastFailure) = (0, 0, 0, 0, null);
        Connecting.Clear();
        var deadline = Stopwatch.GetTimestamp() + (long)(request.TimeoutSeconds * Stopwatch.Frequency);
        var begun = 0;
        while (Ready + Failed < request.Connections && Stopwatch.GetTimestamp() < deadline)
        {
            for (; begun < request.Connections && begun - Ready - Failed < request.AtOnce; begun++)
                Begin(begun, request);
            Turn(10_000_000);
        }

        _heartbeats = 0;
        _heartbeatsSince = Stopwatch.GetTimestamp();
    }

    /// <summary>Ends all connections, as an outage would: without a close frame.</summary>
    public void Drop()
    {
        foreach (var connection in _connections)
        {
            if (connection is { Phase: ConnectionPhase.Ready, Socket: TlsClientSocket tls })
                KeepSession(connection.Number, tls.TakeSession());
            connection?.Close();
        }

        _connections = [];
        _readers = new int[_readers.Length];
        Ready = 0;
    }

    /// <summary>Stops to read on the first <paramref name="count"/> connections.</summary>
    public void Stall(int count)
    {
        foreach (var connection in _connections.Take(count).OfType<ClientConnection>().Where(one => one.Phase == ConnectionPhase.Ready))
        {
            connection.Stalled = true;
            _epoll.Forget(connection.Socket.Fd);
            foreach (var channel in ChannelsOf(connection.Number, connection.Channels))
                _readers[channel]--;
        }
    }

    public void Publish(int channel, int bytes, long time)
    {
        var number = Tally.Publish(_readers[channel]);
        _publisher.Add(_channelNames[channel], bytes, number, time);
    }

    public void ReconnectPublisher()
    {
        _publisher.Dispose();
        _publisher = ConnectPublisher();
    }

    /// <summary>Sends what was published, waits at most <paramref name="nanoseconds"/> for readiness and handles what is ready.</summary>
    public void Turn(long nanoseconds)
    {
        _publisher.Flush();
        var count = _epoll.Wait(_publisher.HasWaiting ? Math.Min(nanoseconds, 100_000) : nanoseconds);
        for (var i = 0; i < count; i++)
        {
            var number = _epoll.Ready(i);
            if (number == PublisherNumber)
                _publisher.ReadReplies();
            else if (number < _connections.Length && _connections[number] is { Phase: not ConnectionPhase.Closed } connection)
                connection.OnReadiness(_buffer);
        }

        if (_heartbeat is not null)
            SendHeartbeats();
    }

    public void WatchReadable(ClientConnection connection) => _epoll.WatchReadable(connection.Socket.Fd, connection.Number);

    public void OnReady(ClientConnection connection)
    {
        Ready++;
        Connecting.Add((long)Stopwatch.GetElapsedTime(connection.Begun).TotalNanoseconds);
        if (connection.Socket is TlsClientSocket { Resumed: true })
            Resumed++;
        foreach (var channel in ChannelsOf(connection.Number, connection.Channels))
            _readers[channel]++;
    }

    public void OnEnd(ClientConnection connection, ConnectionPhase phase, string reason)
    {
        LastFailure = $"{phase}: {reason}";
        if (phase != ConnectionPhase.Ready)
        {
            Failed++;
            return;
        }

        Dropped++;
        if (connection.Stalled)
            return;
        foreach (var channel in ChannelsOf(connection.Number, connection.Channels))
            _readers[channel]--;
    }

    public void Dispose()
    {
        Drop();
        _publisher.Dispose();
        _epoll.Dispose();
    }

    private void Begin(int number, OpenRequest request)
    {
        byte source = (byte)(2 + _started++ / ConnectionsPerSource % 200);
        var fd = Libc.BeginConnect(_target.Port, source, number < request.Stalling ? 4096 : null);
        _sessions.Remove(number, out var session);
        var socket = _target.Tls ? new TlsClientSocket(fd, _tls, session) : new ClientSocket(fd);
        if (session != 0)
            OpenSsl.SSL_SESSION_free(session);
        var channels = ChannelsOf(number, request.ChannelsPerConnection).Select(channel => _channelNames[channel]).ToArray();
        _connections[number] = new ClientConnection(this, number, socket, _dialect, channels);
        _epoll.Watch(fd, number, untilWritable: true);
    }

    private IEnumerable<int> ChannelsOf(int connection, int count) =>
        Enumerable.Range(0, count).Select(i => (int)(((long)connection * count + i) % _readers.Length));

    private void KeepSession(int number, nint session)
    {
        if (session != 0 && !_sessions.TryAdd(number, session))
            OpenSsl.SSL_SESSION_free(session);
    }

    private RedisPublisher ConnectPublisher()
    {
        var publisher = new RedisPublisher(_target.RedisPort);
        _epoll.Watch(publisher.Fd, PublisherNumber);
        return publisher;
    }

    /// <summary>Spreads the clients' own heartbeats evenly over their period.</summary>
    private void SendHeartbeats()
    {
        var share = Stopwatch.GetElapsedTime(_heartbeatsSince) / _dialect.ClientHeartbeat!.Value.Every;
        for (var due = (int)(share * _connections.Length); _heartbeats < due; _heartbeats++)
        {
            if (_connections[_heartbeats % _connections.Length] is { Phase: ConnectionPhase.Ready } connection)
                connection.Send(_heartbeat!);
        }
    }
}
