using MessageBus.Delivery;

namespace MessageBus.Connections;

/// <summary>
/// What carries a connection, such as a WebSocket: it hands the client's messages to the connection, and writes what is sent in an encoding of its own.
/// Disposed once nothing more is to be sent.
/// </summary>
internal interface ITransport : IAsyncDisposable
{
    /// <summary>How what is sent is written.</summary>
    IMessageEncoding Encoding { get; }

    /// <summary>
    /// Hands the client's messages to <see cref="Connection.DoAsync"/>, one after the other, until the client has closed. False where the transport is gone,
    /// or the client broke the transport's rules.
    /// </summary>
    Task<bool> ReadAsync(Connection connection);
}
