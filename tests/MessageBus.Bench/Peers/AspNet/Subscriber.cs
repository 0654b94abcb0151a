using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;

namespace MessageBus.Bench.Peers.AspNet;

/// <summary>One connection: a loop that reads channel names to join, a loop that sends what is queued. A full queue ends the connection.</summary>
internal sealed class Subscriber(WebSocket socket)
{
    private const int QueueLength = 1024;

    private readonly Channel<byte[]> _queue = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(QueueLength) { SingleReader = true });

    public List<string> Channels { get; } = [];

    public void Send(byte[] message)
    {
        if (!_queue.Writer.TryWrite(message))
            socket.Abort();
    }

    public async Task RunAsync(Func<Subscriber, string, Task> join, CancellationToken cancellation)
    {
        var sending = SendQueuedAsync(cancellation);
        var buffer = new byte[256];
        try
        {
            while (await socket.ReceiveAsync(buffer, cancellation) is { MessageType: WebSocketMessageType.Text, Count: var count })
            {
                var channel = Encoding.UTF8.GetString(buffer, 0, count);
                Channels.Add(channel);
                await join(this, channel);
                Send("ok"u8.ToArray());
            }
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException)
        {
            // The client went away without a word.
        }

        _queue.Writer.TryComplete();
        await sending;
    }

    private async Task SendQueuedAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var message in _queue.Reader.ReadAllAsync(cancellation))
                await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cancellation);
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException)
        {
            // As above.
        }
    }
}
