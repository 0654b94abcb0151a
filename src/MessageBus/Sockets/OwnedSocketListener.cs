using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace MessageBus.Sockets;

/// <summary>Accepts connections for Kestrel on one address.</summary>
internal sealed partial class OwnedSocketListener : IConnectionListener
{
    /// <summary>Connections that the kernel holds until they are accepted: enough for all clients of a node that return at once.</summary>
    private const int Backlog = 4096;

    // When the process has no file descriptor left, accepting fails at once and would go on failing: wait for some to be closed.
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(50);

    // One is accepted now and then while the process has hardly a descriptor left: that does not end the fault.
    private static readonly TimeSpan SaidOncePer = TimeSpan.FromMinutes(1);

    // For logs only. It begins anywhere, so that those of two runs are not taken for each other.
    private static long _lastId = Random.Shared.NextInt64();

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private long? _saidAt;

    private OwnedSocketListener(Socket socket, TimeProvider time, ILogger logger)
    {
        _socket = socket;
        _time = time;
        _logger = logger;
    }

    public EndPoint EndPoint => _socket.LocalEndPoint!;

    /// <exception cref="AddressInUseException">The address is in use.</exception>
    public static OwnedSocketListener Bind(IPEndPoint endPoint, TimeProvider time, ILogger logger)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
            {
                // "Any address" means IPv4's too.
                socket.DualMode = true;
            }

            socket.Bind(endPoint);
            socket.Listen(Backlog);
            return new OwnedSocketListener(socket, time, logger);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw e.SocketErrorCode is SocketError.AddressAlreadyInUse ? new AddressInUseException(e.Message, e) : e;
        }
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                var socket = await _socket.AcceptAsync(cancellationToken);
                socket.NoDelay = true;
                return new OwnedConnection(socket, Interlocked.Increment(ref _lastId).ToString("x16", CultureInfo.InvariantCulture));
            }
            catch (Exception e) when (e is ObjectDisposedException || (e is SocketException { SocketErrorCode: SocketError.OperationAborted }))
            {
                // Unbound: there is nothing more to accept.
                return null;
            }
            catch (SocketException e)
            {
                LogNowAndThen(e);
                await Task.Delay(PauseAfterFailure, _time, cancellationToken);
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    private void LogNowAndThen(SocketException e)
    {
        if (_saidAt is not { } last || _time.GetElapsedTime(last) >= SaidOncePer)
        {
            _saidAt = _time.GetTimestamp();
            LogAcceptFailed(e, EndPoint);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Accepting connections on {EndPoint} fails; it is tried again until it works. Said once a minute at most.")]
    private partial void LogAcceptFailed(Exception exception, EndPoint endPoint);
}
