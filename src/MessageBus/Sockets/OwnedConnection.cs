using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using MessageBus.WebSockets;
using Microsoft.AspNetCore.Connections;

namespace MessageBus.Sockets;

/// <summary>
/// A connection that Kestrel serves over a socket of ours. Kestrel reads and writes through pipes that ask the stream only when Kestrel asks them:
/// no pump runs beside it, so between two calls nothing is under way and the stream can be handed over (<see cref="Detach"/>).
/// <para>
/// The steps of the hand-over, all within one upgrade request: Kestrel has written the 101 and its flush has ended, so it is with the kernel before
/// anything else is written; what Kestrel has read beyond the request's head is taken along; from then on the stream is the new owner's.
/// Kestrel ends the request and lets go of the connection, which no longer closes the socket. Until the hand-over an abort closes the socket; after it,
/// an abort of Kestrel's is without effect.
/// </para>
/// </summary>
internal sealed class OwnedConnection : DefaultConnectionContext, IDetachableTransport
{
    private static readonly StreamPipeReaderOptions ReaderOptions = new(leaveOpen: true, useZeroByteReads: true);
    private static readonly StreamPipeWriterOptions WriterOptions = new(leaveOpen: true);

    private readonly SocketStream _socketStream;
    private Stream _stream;
    private IDuplexPipe _ownTransport;
    private int _state;

    public OwnedConnection(Socket socket, string id)
        : base(id)
    {
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        _socketStream = new SocketStream(socket);
        _stream = _socketStream;
        _ownTransport = Transport = new StreamPipes(_stream, AbortAsGone);
        Features.Set<IDetachableTransport>(this);
    }

    /// <summary>Whether there is no other layer (such as another TLS) between the socket and Kestrel, and the connection is alive.</summary>
    public bool CanDetach => ReferenceEquals(Transport, _ownTransport) && Volatile.Read(ref _state) is State.Serving;

    /// <summary>The socket, for a layer that is ours.</summary>
    public Stream Plain => _socketStream;

    /// <summary>Puts TLS between the socket and Kestrel.</summary>
    public void Secure(SslStream tls)
    {
        _stream = tls;
        _ownTransport = Transport = new StreamPipes(tls, AbortAsGone);
    }

    public DetachedTransport? Detach()
    {
        if (!CanDetach || Interlocked.CompareExchange(ref _state, State.Detached, State.Serving) is not State.Serving)
        {
            return null;
        }

        return new DetachedTransport(_stream, TakeReadAhead(), _socketStream.Abort);
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (Interlocked.CompareExchange(ref _state, State.Closed, State.Serving) is State.Serving)
        {
            _socketStream.Abort();
        }

        base.Abort(abortReason);
    }

    // The base is not called: it would dispose the source of ConnectionClosed, which an abort may be about to cancel on another thread.
#pragma warning disable CA2215
    /// <summary>Kestrel is done with the connection.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.CompareExchange(ref _state, State.Closed, State.Serving) is State.Serving)
        {
            await _stream.DisposeAsync();
        }
    }
#pragma warning restore CA2215

    private void AbortAsGone(Exception failure) => Abort(new ConnectionAbortedException("The client is gone.", failure));

    /// <summary>What Kestrel has read beyond the head of the upgrade request. It is not reading now: it waits for the request to be served.</summary>
    private byte[] TakeReadAhead()
    {
        if (!Transport.Input.TryRead(out var read))
        {
            return [];
        }

        var bytes = read.Buffer.ToArray();
        Transport.Input.AdvanceTo(read.Buffer.End);
        return bytes;
    }

    private static class State
    {
        public const int Serving = 0;
        public const int Detached = 1;
        public const int Closed = 2;
    }

    private sealed class StreamPipes(Stream stream, Action<Exception> abort) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, ReaderOptions);

        public PipeWriter Output { get; } = new AbortingPipeWriter(PipeWriter.Create(stream, WriterOptions), abort);
    }
}
