using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace MessageBus.Bench.Load;

/// <summary>Asks redis-server how many channels have subscribers: <c>INFO stats</c>, line <c>pubsub_channels</c>.</summary>
internal sealed class RedisQuestion : IDisposable
{
    private const string Line = "pubsub_channels:";

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly byte[] _answer = new byte[64 * 1024];

    public RedisQuestion(int port) => _socket.Connect("127.0.0.1", port);

    public long SubscribedChannels()
    {
        _socket.Send("INFO stats\r\n"u8);
        var text = "";
        do
            text += Encoding.ASCII.GetString(_answer, 0, _socket.Receive(_answer));
        while (!text.EndsWith("\r\n\r\n", StringComparison.Ordinal));
        var begin = text.IndexOf(Line, StringComparison.Ordinal) + Line.Length;
        return long.Parse(text.AsSpan(begin, text.IndexOf('\r', begin) - begin), CultureInfo.InvariantCulture);
    }

    public void Dispose() => _socket.Dispose();
}
