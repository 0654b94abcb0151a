using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace MessageBus.Bench.Peers.Floor;

internal sealed class FloorClient(Socket socket)
{
    // RFC 6455 section 1.3
    private const string Guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private const string KeyHeader = "Sec-WebSocket-Key: ";

    public Socket Socket => socket;

    public bool IsUpgraded { get; private set; }

    public List<FloorChannel> Channels { get; } = new(1);

    /// <summary>Answers the upgrade request, which always comes in one piece here.</summary>
    public void Upgrade(string request)
    {
        var start = request.IndexOf(KeyHeader, StringComparison.Ordinal) + KeyHeader.Length;
        var key = request[start..request.IndexOf('\r', start)];
#pragma warning disable CA5350 // The RFC asks for SHA-1.
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Guid)));
#pragma warning restore CA5350
        Send(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"));
        IsUpgraded = true;
    }

    /// <summary>False where the socket did not take all of it at once.</summary>
    public bool Send(ReadOnlySpan<byte> bytes) =>
        socket.Send(bytes, SocketFlags.None, out var error) == bytes.Length && error == SocketError.Success;
}
