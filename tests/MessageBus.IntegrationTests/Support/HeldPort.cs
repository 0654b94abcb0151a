using System.Net;
using System.Net.Sockets;

namespace MessageBus.IntegrationTests.Support;

/// <summary>
/// A TCP port of 127.0.0.1 that the system gives to nobody else until this is disposed: a socket is bound to it and does not listen. So connections are
/// refused, and yet a server may listen on it that shares addresses (SO_REUSEADDR), as redis-server and those of .NET do, and come back to it.
/// </summary>
public sealed class HeldPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public HeldPort() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, port: 0));

    public int Number => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>Host and port, as client libraries take them.</summary>
    public string Endpoint => $"127.0.0.1:{Number}";

    public void Dispose() => _socket.Dispose();
}
