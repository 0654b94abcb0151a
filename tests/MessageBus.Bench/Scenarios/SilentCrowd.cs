using System.Net;
using System.Net.Sockets;
using System.Text;
using MessageBus.Bench.Processes;

namespace MessageBus.Bench.Scenarios;

/// <summary>Connections that are opened and then say no more: in the middle of the handshake, before it, or after it.</summary>
internal sealed class SilentCrowd(int port) : IDisposable
{
    private const int SpareDescriptors = 300;

    private const string Upgrade =
        "GET /bus HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    private readonly List<Socket> _sockets = [];

    public int Size => _sockets.Count;

    /// <summary>How many the server has not ended yet.</summary>
    public int Left => _sockets.Count(IsOpen);

    public async Task OpenAsync(int slow, int silent, CancellationToken cancellation)
    {
        if (slow + silent + SpareDescriptors > Machine.Descriptors())
            throw new BenchException($"{slow + silent + SpareDescriptors} descriptors are needed, ulimit -Hn is {Machine.Descriptors()}");
        for (var n = 0; n < slow + silent; n++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _sockets.Add(socket);
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
            await socket.SendAsync(Encoding.ASCII.GetBytes(n < slow ? Upgrade[..40] : n % 2 == 0 ? "" : Upgrade), cancellation);
        }
    }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

    /// <summary>Of those that were answered, the answer waits unread: one byte of it is looked at, which tells it from the end.</summary>
    private static bool IsOpen(Socket socket)
    {
        try
        {
            return !socket.Poll(TimeSpan.Zero, SelectMode.SelectRead) || socket.Receive(new byte[1], SocketFlags.Peek) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
