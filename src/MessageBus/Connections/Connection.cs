using System.Net.WebSockets;
using MessageBus.Access;
using MessageBus.Delivery;
using MessageBus.Limits;
using MessageBus.Protocol;
using MessageBus.WebSockets;
using Microsoft.Extensions.Logging;

namespace MessageBus.Connections;

/// <summary>
/// One accepted WebSocket, from the upgrade to the end of its transport. Reads messages one after the other and hands them to its commands;
/// what it sends goes through its loop. It closes exactly once, with the reason of whoever was first.
/// </summary>
internal sealed partial class Connection : ISubscriberOwner
{
    private readonly WebSocket _socket;
    private readonly WriteThroughStream _stream;
    private readonly MessageReader _reader;
    private readonly CommandDispatcher _dispatcher;
    private readonly TimeSpan _closeTimeout;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private ConnectionIdentity _identity;
    private CommandBudget _budget;
    private PublishQueue? _publishes;
    private TaskCompletionSource? _outputEnded;
    private int _closeReason;
    private volatile bool _isLeaving;

    public Connection(
        ConnectionIdentity identity,
        ConnectionPlace place,
        WebSocket socket,
        WriteThroughStream stream,
        IFrameOutput output,
        DeliveryLoop loop,
        CommandDispatcher dispatcher,
        ChannelAccess access,
        ChannelDirectory directory,
        MessageBusOptions options,
        TimeProvider time,
        ILogger logger)
    {
        _identity = identity;
        Place = place;
        _socket = socket;
        _stream = stream;
        _dispatcher = dispatcher;
        _closeTimeout = options.CloseTimeout;
        _time = time;
        _logger = logger;
        Loop = loop;
        Subscriber = new Subscriber(WebSocketEncoding.Instance, output, this, _time.GetTimestamp());
        output.Writable = NotifyWritable;
        Subscriber.ExpiresAt = TimestampOf(identity.Expires);
        Subscriptions = new ConnectionSubscriptions(this, access, directory);
        _reader = new MessageReader(socket, options.MaxMessageBytes);
        stream.WriteTo(this);
    }

    /// <summary>Any thread may read it; only its commands set it.</summary>
    public ConnectionIdentity Identity
    {
        get => Volatile.Read(ref _identity);
        set
        {
            Volatile.Write(ref _identity, value);
            Subscriber.ExpiresAt = TimestampOf(value.Expires);
        }
    }

    /// <summary>Its user's token has run out: nothing is done for it any more.</summary>
    public bool IsExpired => _time.GetTimestamp() >= Subscriber.ExpiresAt;

    /// <summary>Whole seconds until it expires; null where it does not.</summary>
    public long? ExpiresInSeconds => Identity.Expires is { } expires ? Math.Max(0, (long)(expires - _time.GetUtcNow()).TotalSeconds) : null;

    /// <summary>Its place among those that may be connected. Whoever ends the connection gives it back.</summary>
    public ConnectionPlace Place { get; }

    public Subscriber Subscriber { get; }

    /// <summary>The loop that owns its subscriber. Does not change.</summary>
    public DeliveryLoop Loop { get; }

    // Made by whoever is first to set it or to wait for it: while the connection lives nobody does.
    private TaskCompletionSource OutputEnd =>
        LazyInitializer.EnsureInitialized(ref _outputEnded, static () => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>The channels it is subscribed to.</summary>
    public ConnectionSubscriptions Subscriptions { get; }

    /// <summary>Its publishes that are on their way. Most connections only listen.</summary>
    public PublishQueue Publishes => _publishes ??= new PublishQueue();

    /// <summary>How much it has sent. Only for the command that is being carried out.</summary>
    public ref CommandBudget Budget => ref _budget;

    /// <summary>Its <c>connect</c> was accepted.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Why it ends; null while it is open.</summary>
    public CloseReason? CloseReason => Volatile.Read(ref _closeReason) is not 0 and var reason ? (CloseReason)reason : null;

    /// <summary>Ends when both sides are done with it.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Serves the connection. <paramref name="onEnd"/> is called when that has ended, whatever came of it.</summary>
    public void Start(Action<Connection> onEnd) => Ended = RunAsync(onEnd);

    /// <summary>Sends a message that answers the client. Any thread.</summary>
    public void Send(ServerMessage message) => Loop.Send(Subscriber, message);

    /// <summary>Its <c>connect</c> is accepted; <paramref name="reply"/> is the first message it gets.</summary>
    public void Connect(ServerMessage reply)
    {
        IsConnected = true;
        Loop.Connected(Subscriber, reply);
    }

    /// <summary>A command that was pending has ended, with an error or without. Its reply is sent after this. Any thread.</summary>
    public void Complete(Command command, CommandError? error = null) => _dispatcher.Complete(this, command, error);

    /// <summary>A part of a command was not carried out, one of this type by itself. Any thread.</summary>
    public void Refuse(string type, CommandError error) => _dispatcher.Refuse(this, type, id: null, error);

    /// <inheritdoc/>
    public void Close(CloseReason reason) => CloseWith(reason, Subscriber.Encoding.EncodeClose(reason));

    /// <summary>
    /// Carries out no further command, and closes once those are answered that were: what the broker has accepted is not left without its reply.
    /// </summary>
    public async Task LeaveAsync(CloseReason reason)
    {
        _isLeaving = true;
        await Task.WhenAny(_publishes?.DrainAsync() ?? Task.CompletedTask);
        Close(reason);
    }

    /// <summary>Cuts the transport at once. The rest follows from that.</summary>
    public void Abort()
    {
        Close(Protocol.CloseReason.ShuttingDown);
        Subscriber.Output.Abort();
    }

    /// <summary>The WebSocket closes the connection by itself, with a frame that it made.</summary>
    public void CloseByWebSocket(EncodedMessage closeFrame)
    {
        // RFC 6455 section 5.5.1: behind the two bytes of the header stand the two of the code.
        var code = closeFrame.Length >= 4 ? (closeFrame.Bytes[2] << 8) | closeFrame.Bytes[3] : (int)Protocol.CloseReason.Normal;
        CloseWith((CloseReason)code, closeFrame);
    }

    /// <summary>Its output can take more. Any thread.</summary>
    private void NotifyWritable() => Loop.Writable(Subscriber);

    public void OutputEnded() => OutputEnd.TrySetResult();

    private void CloseWith(CloseReason reason, EncodedMessage? frame)
    {
        if (Interlocked.CompareExchange(ref _closeReason, (int)reason, 0) is 0)
        {
            Loop.Close(Subscriber, frame, discardBacklog: reason is Protocol.CloseReason.TooSlow or Protocol.CloseReason.Unauthorized or Protocol.CloseReason.Forbidden);
        }
    }

    /// <summary>The loop's deadlines are timestamps, which no change of the wall clock moves.</summary>
    private long TimestampOf(DateTimeOffset? expires)
    {
        var left = expires - _time.GetUtcNow();
        return left is { TotalDays: < 365_000 } ? _time.GetTimestamp() + (long)(left.Value.TotalSeconds * _time.TimestampFrequency) : long.MaxValue;
    }

    // From the beginning to the end: each method that waits for another one costs an idle connection its state.
    private async Task RunAsync(Action<Connection> onEnd)
    {
        // The caller is a request that is to end: a client that sends without a pause must not keep it.
        await Task.Yield();
        var isReadToEnd = false;
        try
        {
            LogOpened(Identity.Id, Identity.Remote);
            Loop.Attach(Subscriber);
            try
            {
                try
                {
                    await ReadUntilClosedAsync();
                    isReadToEnd = true;
                }
                finally
                {
                    Subscriptions.RemoveAll();
                    await (_publishes?.DrainAsync() ?? Task.CompletedTask);
                }
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
            {
                // The transport is gone, or the client broke RFC 6455: then the WebSocket has sent its close frame already.
                Close(Protocol.CloseReason.Lost);
            }
            catch (Exception e)
            {
                LogFailed(e, Identity.Id);
                Close(Protocol.CloseReason.Internal);
            }

            await OutputEnd.Task;
            Loop.Detach(Subscriber);
            if (!isReadToEnd)
            {
                // The WebSocket reads no further, be it for a first fault of the client's or for one behind it. A socket that is closed with bytes unread is
                // reset, and a reset can overtake the close frame.
                await _stream.ReadToEndAsync(_closeTimeout, _time);
            }

            _socket.Dispose();
            await _stream.Transport.DisposeAsync();
            LogClosed(Identity.Id, CloseReason ?? Protocol.CloseReason.Lost);
        }
        finally
        {
            onEnd(this);
        }
    }

    private async Task ReadUntilClosedAsync()
    {
        while (true)
        {
            using var message = await _reader.ReadAsync(await _reader.WaitAsync());
            Subscriber.LastHeard = _time.GetTimestamp();
            switch (message.Kind)
            {
                case MessageKind.Text when CloseReason is null && !_isLeaving:
                    // While a command waits for the broker nothing is read: that silence is ours, not the client's.
                    Subscriber.LastHeard = long.MaxValue;
                    await _dispatcher.DispatchAsync(this, message.Text);
                    Subscriber.LastHeard = _time.GetTimestamp();
                    break;

                case MessageKind.Binary:
                    Close(Protocol.CloseReason.BinaryMessage);
                    break;

                case MessageKind.TooBig:
                    Close(Protocol.CloseReason.MessageTooBig);
                    break;

                case MessageKind.Close when _stream.HasEnded:
                    Close(Protocol.CloseReason.Lost);
                    return;

                case MessageKind.Close:
                    CloseWith(Protocol.CloseReason.Normal, EchoOf(_socket.CloseStatus));
                    return;
            }
        }
    }

    /// <summary>RFC 6455 section 5.5.1: the answer to a close frame typically echoes its code. Ours to a client that chose its own code is that code.</summary>
    private static EncodedMessage EchoOf(WebSocketCloseStatus? status) =>
        WebSocketEncoding.Close(status is WebSocketCloseStatus.Empty ? null : (int?)status, "");
}
