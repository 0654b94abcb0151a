using System.Buffers;
using System.Net.WebSockets;

namespace MessageBus.WebSockets;

/// <summary>
/// Reads whole messages. Waits with an empty buffer, so that an idle connection holds none, and rents no more than a message needs.
/// Waiting and reading are two calls: an idle connection keeps no state of a read either.
/// </summary>
internal sealed class MessageReader(WebSocket socket, int maxBytes)
{
    private const int FirstBufferBytes = 4 * 1024;

    // While a message that is too big runs out, its bytes are read into this and forgotten.
    private bool _isSkipping;

    /// <summary>
    /// Ends when there is something to read, and gives what <see cref="ReadAsync"/> is to have. Without a cancellation token: an aborted transport ends it by
    /// itself, and a token would cost every idle connection a registration.
    /// </summary>
    public ValueTask<ValueWebSocketReceiveResult> WaitAsync() => socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);

    public async ValueTask<ReceivedMessage> ReadAsync(ValueWebSocketReceiveResult waited)
    {
        if (waited.MessageType is WebSocketMessageType.Close)
        {
            return new ReceivedMessage(MessageKind.Close);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
        var length = 0;
        var emptyFragments = 0;
        var ended = waited.EndOfMessage;
        try
        {
            while (!ended)
            {
                if (length == buffer.Length)
                {
                    buffer = Grow(buffer, length);
                }

                var received = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                if (received.MessageType is WebSocketMessageType.Close)
                {
                    return Give(MessageKind.Close, ref buffer);
                }

                if (received.MessageType is WebSocketMessageType.Binary)
                {
                    return Give(MessageKind.Binary, ref buffer);
                }

                length += received.Count;
                ended = received.EndOfMessage;

                // RFC 6455 section 5.4 allows fragments without a byte. Each counts as one: nothing else would ever end a message of them.
                emptyFragments += received.Count is 0 && !ended ? 1 : 0;
                if (length + emptyFragments > maxBytes || _isSkipping)
                {
                    _isSkipping = !ended;
                    return Give(MessageKind.TooBig, ref buffer);
                }
            }

            var kind = waited.MessageType is WebSocketMessageType.Binary ? MessageKind.Binary : MessageKind.Text;
            var message = new ReceivedMessage(kind, buffer, length);
            buffer = null;
            return message;
        }
        finally
        {
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static ReceivedMessage Give(MessageKind kind, ref byte[]? buffer)
    {
        ArrayPool<byte>.Shared.Return(buffer!);
        buffer = null;
        return new ReceivedMessage(kind);
    }

    private static byte[] Grow(byte[] buffer, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}

internal enum MessageKind
{
    Text,
    Binary,

    /// <summary>Over the limit. Comes again for each further part of the same message.</summary>
    TooBig,

    Close,
}

/// <summary>A message in rented memory, which goes back when this is disposed.</summary>
internal readonly struct ReceivedMessage(MessageKind kind, byte[]? buffer = null, int length = 0) : IDisposable
{
    public MessageKind Kind { get; } = kind;

    public ReadOnlySpan<byte> Text => buffer.AsSpan(0, length);

    public void Dispose()
    {
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
