using System.Net.WebSockets;
using MessageBus.Connections;
using MessageBus.Delivery;
using MessageBus.Limits;
using MessageBus.Protocol;

namespace MessageBus.WebSockets;

/// <summary>A connection's WebSocket: what the client sends, and the close handshake (RFC 6455 section 7).</summary>
internal sealed class WebSocketTransport(WebSocket socket, WriteThroughStream stream, LimitOptions limits, TimeProvider time) : ITransport
{
    private readonly MessageReader _reader = new(socket, limits.MaxMessageBytes);
    private bool _isReadToEnd;

    public IMessageEncoding Encoding => WebSocketEncoding.Instance;

    public async Task<bool> ReadAsync(Connection connection)
    {
        stream.WriteTo(connection);
        try
        {
            while (!_isReadToEnd)
            {
                using var message = await _reader.ReadAsync(await _reader.WaitAsync());
                connection.Heard();
                switch (message.Kind)
                {
                    case MessageKind.Text:
                        await connection.DoAsync(message.Text);
                        break;

                    case MessageKind.Binary:
                        connection.Close(CloseReason.BinaryMessage);
                        break;

                    case MessageKind.TooBig:
                        connection.Close(CloseReason.MessageTooBig);
                        break;

                    case MessageKind.Close when stream.HasEnded:
                        connection.Close(CloseReason.Lost);
                        _isReadToEnd = true;
                        break;

                    case MessageKind.Close:
                        connection.Close(CloseReason.Normal, EchoOf(socket.CloseStatus));
                        _isReadToEnd = true;
                        break;
                }
            }
        }
        catch (WebSocketException)
        {
            // The transport is gone, or the client broke RFC 6455: then the WebSocket has sent its close frame already.
        }

        return _isReadToEnd;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isReadToEnd)
        {
            // The WebSocket reads no further, be it for a first fault of the client's or for one behind it. A socket that is closed with bytes unread is
            // reset, and a reset can overtake the close frame.
            await stream.ReadToEndAsync(limits.CloseTimeout, time);
        }

        socket.Dispose();
        await stream.Transport.DisposeAsync();
    }

    /// <summary>RFC 6455 section 5.5.1: the answer to a close frame typically echoes its code. Ours to a client that chose its own code is that code.</summary>
    private static EncodedMessage EchoOf(WebSocketCloseStatus? status) =>
        WebSocketEncoding.Close(status is WebSocketCloseStatus.Empty ? null : (int?)status, "");
}
