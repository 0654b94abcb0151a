using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using MessageBus.Brokers;
using MessageBus.EmbeddedRedis.Clients;
using MessageBus.EmbeddedRedis.Commands;
using MessageBus.EmbeddedRedis.PubSub;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MessageBus.EmbeddedRedis;

/// <summary>
/// A Redis endpoint for pub/sub inside the process: what RESP clients publish reaches browsers through the <see cref="InMemoryBroker"/>,
/// and the other way round. On 127.0.0.1 only. Started and stopped by the host.
/// </summary>
public sealed partial class EmbeddedRedisServer : IHostedService, IDisposable
{
    private const int PortsTried = 101;
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly EmbeddedRedisOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PubSubTable _table = new();
    private readonly BrokerBridge _bridge;
    private readonly ServerFacts _facts;
    private readonly CommandTable _commands;
    private readonly ConcurrentDictionary<RespClient, Task> _clients = new();
    private readonly CancellationTokenSource _stopping = new();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    /// <summary>Nothing listens before <see cref="StartAsync"/>.</summary>
    public EmbeddedRedisServer(InMemoryBroker broker, IOptions<EmbeddedRedisOptions> options, TimeProvider time, ILogger<EmbeddedRedisServer> logger)
    {
        _options = options.Value;
        _time = time;
        _logger = logger;
        _bridge = new BrokerBridge(broker, _table);
        _facts = new ServerFacts(time);
        _commands = new CommandTable(_table, _bridge, _facts);
    }

    /// <summary>The port that is listened on; 0 before the start.</summary>
    public int Port => _facts.Port;

    /// <inheritdoc/>
    /// <exception cref="IOException">No port was free.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener = Listen();
        _facts.Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _bridge.Attach();
        _accepting = AcceptAsync(_listener, _stopping.Token);
        LogListening(_facts.Port);
        return Task.CompletedTask;
    }

    /// <summary>Stops listening and closes every client. A host may call it more than once, and after it has disposed this.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        _listener?.Dispose();
        await _accepting.WaitAsync(cancellationToken);
        await Task.WhenAll(_clients.Values).WaitAsync(cancellationToken);
        _bridge.Detach();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The source stays: a stop that comes after this still cancels it, and it holds nothing that needs disposing.
        _listener?.Dispose();
        _bridge.Dispose();
    }

    private Socket Listen()
    {
        for (var port = _options.Port; port < _options.Port + PortsTried && port <= IPEndPoint.MaxPort; port++)
        {
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
                listener.Listen();
                return listener;
            }
            catch (SocketException taken) when (taken.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                listener.Dispose();
                LogPortTaken(port);
            }
        }

        throw new IOException($"No free port for the embedded Redis from {_options.Port} on (EmbeddedRedisOptions.Port).");
    }

    private async Task AcceptAsync(Socket listener, CancellationToken cancellationToken)
    {
        var failing = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                Serve(await listener.AcceptAsync(cancellationToken), cancellationToken);
                failing = false;
            }
            catch (SocketException failure) when (!cancellationToken.IsCancellationRequested)
            {
                // Out of file descriptors, or the client was gone again: later ones may have better luck. Said once per episode.
                if (!failing)
                {
                    LogAcceptFailed(failure);
                }

                failing = true;
                await Task.Delay(AcceptPause, _time, CancellationToken.None);
            }
            catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Serve(Socket socket, CancellationToken cancellationToken)
    {
        socket.NoDelay = true;
        var client = new RespClient(_facts.NextClientId(), socket, _commands, _table, _options.MaxCommandBytes, _options.MaxOutputBytes, _time, _logger);

        // Entered before it runs, so that its removal cannot come first; its task only takes the place if it is still there.
        _clients.TryAdd(client, Task.CompletedTask);
        _clients.TryUpdate(client, ServeAsync(client, cancellationToken), Task.CompletedTask);
    }

    private async Task ServeAsync(RespClient client, CancellationToken cancellationToken)
    {
        _facts.ClientArrived();
        try
        {
            // A client that never stops sending must not keep the accept loop busy.
            await Task.Yield();
            await client.RunAsync(cancellationToken);
        }
        finally
        {
            client.Dispose();
            _facts.ClientLeft();
            _clients.TryRemove(client, out _);
        }
    }
}
