using MessageBus.Access;
using MessageBus.Delivery;
using MessageBus.Limits;
using MessageBus.Protocol;
using Microsoft.Extensions.Logging;

namespace MessageBus.Connections;

/// <summary>
/// One client, from its admission to the end of its transport. It carries out the commands that the transport brings, holds subscriptions, and sends through
/// its loop. It closes exactly once, with the reason of whoever was first.
/// </summary>
internal sealed partial class Connection : ISubscriberOwner
{
    private readonly ITransport _transport;
    private readonly CommandDispatcher _dispatcher;
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
        ConnectionLease lease,
        ITransport transport,
        IMessageOutput output,
        DeliveryLoop loop,
        CommandDispatcher dispatcher,
        ChannelAccess access,
        ChannelDirectory directory,
        TimeProvider time,
        ILogger logger)
    {
        _identity = identity;
        Lease = lease;
        _transport = transport;
        _dispatcher = dispatcher;
        _time = time;
        _logger = logger;
        Loop = loop;
        Subscriber = new Subscriber(transport.Encoding, output, this, _time.GetTimestamp());
        output.Writable = NotifyWritable;
        Subscriber.ExpiresAt = TimestampOf(identity.Expires);
        Subscriptions = new ConnectionSubscriptions(this, access, directory);
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

    /// <summary>Its lease of a place among those that may be connected. Whoever ends the connection gives it back.</summary>
    public ConnectionLease Lease { get; }

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

    /// <summary>The client sends faster than it is answered: it is not to be read until it has caught up (<see cref="CatchUpAsync"/>).</summary>
    public bool IsAhead => Subscriber.IsAhead;

    public Task CatchUpAsync() => Loop.CatchUpAsync();

    /// <summary>The transport has heard something of the client. Any thread.</summary>
    public void Heard() => Subscriber.LastHeard = _time.GetTimestamp();

    /// <summary>Carries out the command in a message. The transport hands over the next one when this has ended.</summary>
    public Task DoAsync(ReadOnlySpan<byte> message) =>
        CloseReason is null && !_isLeaving ? CarryOutAsync(_dispatcher.Read(message)) : Task.CompletedTask;

    /// <summary>Sends a message that answers the client. Any thread.</summary>
    public void Send(ServerMessage message) => Loop.Send(Subscriber, message);

    /// <summary>Sends something of the transport's own. Any thread.</summary>
    public void Send(EncodedMessage message) => Loop.Send(Subscriber, message);

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
    public void Close(CloseReason reason) => Close(reason, Subscriber.Encoding.EncodeClose(reason));

    /// <summary>Closes with these as the last bytes, of the transport's own, or at once where there are none.</summary>
    public void Close(CloseReason reason, EncodedMessage? last)
    {
        if (Interlocked.CompareExchange(ref _closeReason, (int)reason, 0) is 0)
        {
            Loop.Close(
                Subscriber, last, discardBacklog: reason is Protocol.CloseReason.TooSlow or Protocol.CloseReason.Unauthorized or Protocol.CloseReason.Forbidden);
        }
    }

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

    public void OutputEnded() => OutputEnd.TrySetResult();

    /// <summary>Its output can take more. Any thread.</summary>
    private void NotifyWritable() => Loop.Writable(Subscriber);

    /// <summary>The loop's deadlines are timestamps, which no change of the wall clock moves.</summary>
    private long TimestampOf(DateTimeOffset? expires)
    {
        var left = expires - _time.GetUtcNow();
        return left is { TotalDays: < 365_000 } ? _time.GetTimestamp() + (long)(left.Value.TotalSeconds * _time.TimestampFrequency) : long.MaxValue;
    }

    private async Task CarryOutAsync(Command? command)
    {
        // While a command waits for the broker nothing is read: that silence is ours, not the client's.
        Subscriber.LastHeard = long.MaxValue;
        await _dispatcher.DispatchAsync(this, command);
        Heard();
    }

    // From the beginning to the end: each method that waits for another one costs an idle connection its state.
    private async Task RunAsync(Action<Connection> onEnd)
    {
        // The caller is a request that is to end: a client that sends without a pause must not keep it.
        await Task.Yield();
        try
        {
            LogOpened(Identity.Id, Identity.Remote);
            Loop.Attach(Subscriber);
            try
            {
                bool isReadToEnd;
                try
                {
                    isReadToEnd = await _transport.ReadAsync(this);
                }
                finally
                {
                    Subscriptions.RemoveAll();
                    await (_publishes?.DrainAsync() ?? Task.CompletedTask);
                }

                if (!isReadToEnd)
                {
                    Close(Protocol.CloseReason.Lost);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The transport is gone.
                Close(Protocol.CloseReason.Lost);
            }
            catch (Exception e)
            {
                LogFailed(e, Identity.Id);
                Close(Protocol.CloseReason.Internal);
            }

            await OutputEnd.Task;
            Loop.Detach(Subscriber);
            await _transport.DisposeAsync();
            LogClosed(Identity.Id, CloseReason ?? Protocol.CloseReason.Lost);
        }
        finally
        {
            onEnd(this);
        }
    }
}
