namespace MessageBus.WebSockets;

/// <summary>
/// A feature of a connection whose server can let go of it after a WebSocket upgrade: the request ends, and the WebSocket goes on over the
/// connection's own stream, without the server's memory for a request.
/// </summary>
internal interface IDetachableTransport
{
    /// <summary>
    /// Takes the connection away from the server. Called once the 101 has been written, while the request is still being served.
    /// Null where that cannot be done any more, or not at all: then the server's own stream is used.
    /// </summary>
    DetachedTransport? Detach();
}

/// <summary>What is left of a connection without its server. All of it now belongs to the caller.</summary>
/// <param name="Stream">The connection.</param>
/// <param name="ReadAhead">What the server has read of it beyond the upgrade request.</param>
/// <param name="Abort">Cuts it.</param>
internal sealed record DetachedTransport(Stream Stream, ReadOnlyMemory<byte> ReadAhead, Action Abort);
