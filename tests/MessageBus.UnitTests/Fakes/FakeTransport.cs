using MessageBus.Brokers;
using MessageBus.Connections;
using MessageBus.Delivery;
using MessageBus.Protocol;
using MessageBus.WebSockets;

namespace MessageBus.UnitTests.Fakes;

/// <summary>A transport without a client, until the test ends it. It writes as a WebSocket does, but its close as the text <c>close 4403</c>.</summary>
internal sealed class FakeTransport : ITransport, IMessageEncoding
{
    private readonly TaskCompletionSource<bool> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsDisposed { get; private set; }

    public IMessageEncoding Encoding => this;

    /// <summary>The client has closed, or is gone.</summary>
    public void End(bool isReadToEnd) => _end.SetResult(isReadToEnd);

    public void Fail(Exception fault) => _end.SetException(fault);

    public Task<bool> ReadAsync(Connection connection) => _end.Task;

    public byte[] Head(ChannelName channel) => WebSocketEncoding.Instance.Head(channel);

    public EncodedMessage? Encode(in Publication publication, ReadOnlySpan<byte> head, int maxBytes) =>
        WebSocketEncoding.Instance.Encode(publication, head, maxBytes);

    public EncodedMessage? Encode(ServerMessage message) => WebSocketEncoding.Instance.Encode(message);

    public EncodedMessage? EncodeClose(CloseReason reason) => reason is CloseReason.Lost ? null : Frames.Text($"close {(int)reason}");

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
