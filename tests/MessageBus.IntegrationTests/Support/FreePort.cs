using System.Net;
using System.Net.Sockets;

namespace MessageBus.IntegrationTests.Support;

/// <summary>A TCP port of 127.0.0.1 that nobody listened on a moment ago. Another process may still take it first: be ready to try again.</summary>
public static class FreePort
{
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
