using System.Net.WebSockets;
using MessageBus.WebSockets;

namespace MessageBus.UnitTests.WebSockets;

/// <summary>How a WebSocket hears that its transport has ended.</summary>
public sealed class WriteThroughStreamTests
{
    // RFC 6455 section 5.2, masked with zeros: the text "hi".
    private static readonly byte[] TextFrame = [0x81, 0x82, 0, 0, 0, 0, (byte)'h', (byte)'i'];

    [Fact]
    public async Task End_of_the_transport_between_frames_is_a_close_without_an_exception()
    {
        var (socket, stream) = Open(TextFrame);
        using var owned = socket;
        Assert.Equal("hi", await ReceiveAsync(socket));

        var waited = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);

        Assert.Equal(WebSocketMessageType.Close, waited.MessageType);
        Assert.True(stream.HasEnded);
    }

    [Fact]
    public async Task End_of_the_transport_within_a_frame_completes_no_message()
    {
        for (var length = 1; length < TextFrame.Length; length++)
        {
            var (socket, _) = Open(TextFrame[..length]);
            using var owned = socket;

            await Assert.ThrowsAsync<WebSocketException>(() => ReceiveAsync(socket));
        }
    }

    [Fact]
    public async Task Close_frame_of_the_client_is_no_end_of_the_transport()
    {
        var (socket, stream) = Open([0x88, 0x80, 0, 0, 0, 0]);
        using var owned = socket;

        var waited = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);

        Assert.Equal(WebSocketMessageType.Close, waited.MessageType);
        Assert.False(stream.HasEnded);
    }

    private static (WebSocket Socket, WriteThroughStream Stream) Open(byte[] sent)
    {
        var stream = new WriteThroughStream(new MemoryStream(sent));
        return (WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan }), stream);
    }

    /// <summary>As a connection does: first it waits, then it reads.</summary>
    private static async Task<string> ReceiveAsync(WebSocket socket)
    {
        await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
        var buffer = new byte[16];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        return System.Text.Encoding.UTF8.GetString(buffer, 0, received.Count);
    }
}
