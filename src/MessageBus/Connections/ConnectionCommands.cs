using MessageBus.Delivery;
using MessageBus.Limits;
using MessageBus.Protocol;

namespace MessageBus.Connections;

/// <summary>
/// Carries out a connection's commands, one at a time in the order they came, and counts what becomes of them. Only publishes overlap.
/// </summary>
internal sealed class ConnectionCommands(Connection connection, ConnectionScope scope)
{
    private readonly ConnectionSubscriptions _subscriptions = new(connection, scope);

    // Most connections only listen.
    private ConnectionPublishes? _publishes;
    private CommandBudget _budget;
    private bool _isConnected;

    private Subscriber Subscriber => connection.Subscriber;

    private DeliveryLoop Loop => connection.Subscriber.Loop;

    public IReadOnlyList<string> Channels => _subscriptions.Channels;

    public bool IsSubscribedTo(ChannelName channel) => _subscriptions.Holds(channel);

    public async Task DoAsync(Command command)
    {
        if (await CarryOutAsync(command) is { } refusal)
        {
            Refuse(command.Id, command.GetType(), refusal);
        }

        // A publish counts when it is answered, one that ends the connection as a close.
        else if (command is not PublishCommand && connection.CloseReason is null)
        {
            scope.Counters.Commands.Add((command.GetType(), null));
        }
    }

    /// <summary>Looks at the rights again, and ends the subscriptions that are no longer allowed. Any thread.</summary>
    public Task ReviewAsync() => _subscriptions.ReviewAsync();

    /// <summary>Gives everything back.</summary>
    public Task EndAsync()
    {
        _subscriptions.RemoveAll();
        return _publishes?.DrainAsync() ?? Task.CompletedTask;
    }

    /// <summary>Ends when the publishes that are under way are answered, whatever came of them. Any thread.</summary>
    public Task AnsweredAsync() => Task.WhenAny(_publishes?.DrainAsync() ?? Task.CompletedTask);

    private ValueTask<Refusal?> CarryOutAsync(Command command)
    {
        if (command is MalformedMessage || (!_isConnected && command is not ConnectCommand))
        {
            connection.Close(CloseReason.BadMessage);
            return default;
        }

        if (connection.IsExpired)
        {
            connection.Close(CloseReason.Unauthorized);
            return default;
        }

        switch (_budget.ChargeCommand(scope.Rates, out var wait))
        {
            case Payment.Overdrawn:
                connection.Close(CloseReason.RateLimited);
                return default;

            // What has no answer or gives something back is better done than refused.
            case Payment.OnCredit when command is not (PongCommand or UnsubscribeCommand):
                return new(Refusal.TooFast(scope.Rates.Commands, "commands", (command as SubscribeCommand)?.Channel, wait));
        }

        return command switch
        {
            PublishCommand publish => PublishAsync(publish),
            SubscribeCommand subscribe => SubscribeAsync(subscribe),
            UnsubscribeCommand unsubscribe => new(Unsubscribe(unsubscribe)),
            ConnectCommand connect => ConnectAsync(connect),
            RefreshCommand refresh => RefreshAsync(refresh),
            RefusedCommand refused => new(new Refusal(refused.Code, refused.Message)),
            _ => default,
        };
    }

    private void Refuse(int? id, Type command, Refusal refusal)
    {
        scope.Counters.Commands.Add((command, refusal.Code));
        Loop.Send(Subscriber, refusal.ToFrame(id));
    }

    private async ValueTask<Refusal?> ConnectAsync(ConnectCommand connect)
    {
        if (_isConnected)
        {
            return new Refusal(ErrorCode.UnknownType, "This connection is connected already: connect is the first message and comes once.");
        }

        if (await scope.Admission.AdmitAsync(connection.Identity, connect.Token) is not { } identity)
        {
            connection.Close(CloseReason.Unauthorized);
            return null;
        }

        // It may be known only now who this is.
        connection.Identity = identity;
        if (!connection.Place.TryChangeUser(identity.User))
        {
            connection.Close(CloseReason.RateLimited);
            return null;
        }

        _isConnected = true;
        var connected = ServerMessage.Connected(
            connect.Id, identity.Id, identity.User, scope.Options.PingInterval, scope.Options.MaxMessageBytes, connection.ExpiresInSeconds);
        Loop.Connected(Subscriber, EncodedFrame.Text(connected));

        // All channels are asked for before the first answer is awaited: a client that returns with many of them waits for one round trip.
        // Those that the operator gives come first, so that a client cannot crowd them out; of too many of them, the first one is answered.
        var max = scope.Options.MaxSubscriptionsPerConnection;
        var automatic = scope.Access.Policy.AutomaticChannels(identity.Caller).Take(max + 1).Select(channel => channel.Value);
        var wanted = new HashSet<string>();
        var subscribing = new List<Task>();
        foreach (var channel in automatic.Concat(connect.Subscriptions.Select(requested => requested.Channel)))
        {
            if (wanted.Add(channel))
            {
                subscribing.Add(SubscribeFromStartAsync(channel, isTooMany: wanted.Count > max));
            }
        }

        Loop.WakeUp();
        await Task.WhenAll(subscribing);
        return null;
    }

    /// <summary>A subscription of a connect, which is done although this is refused.</summary>
    private async Task SubscribeFromStartAsync(string channel, bool isTooMany)
    {
        var refusal = !ChannelName.TryParse(channel, out var name, out var problem) ? new Refusal(ErrorCode.BadChannel, problem, channel)
            : isTooMany ? Refusal.TooManySubscriptions(name, scope.Options.MaxSubscriptionsPerConnection)
            : await _subscriptions.AddAsync(id: null, name);
        if (refusal is not null)
        {
            Refuse(id: null, typeof(SubscribeCommand), refusal);
        }
    }

    private async ValueTask<Refusal?> RefreshAsync(RefreshCommand refresh)
    {
        var (identity, refusal) = await scope.Admission.RefreshAsync(connection.Identity, refresh.Token);
        if (identity is null)
        {
            return refusal;
        }

        connection.Identity = identity;

        // The new token may have fewer rights. What they no longer cover has ended when the client hears that it was refreshed.
        await ReviewAsync();
        if (refresh.Id is not null)
        {
            Loop.Send(Subscriber, EncodedFrame.Text(ServerMessage.Refreshed(refresh.Id, connection.ExpiresInSeconds)));
        }

        return null;
    }

    private ValueTask<Refusal?> SubscribeAsync(SubscribeCommand subscribe)
    {
        var (id, channel) = (subscribe.Id, subscribe.Channel);
        if (_subscriptions.TryConfirm(id, channel))
        {
            return default;
        }

        if (_subscriptions.IsFull)
        {
            return new(Refusal.TooManySubscriptions(channel, scope.Options.MaxSubscriptionsPerConnection));
        }

        return _budget.TrySubscribe(scope.Rates, out var wait)
            ? _subscriptions.AddAsync(id, channel)
            : new(Refusal.TooFast(scope.Rates.Subscribes, "new subscriptions", channel, wait));
    }

    private Refusal? Unsubscribe(UnsubscribeCommand unsubscribe) => _subscriptions.TryRemove(unsubscribe.Id, unsubscribe.Channel)
        ? null
        : new Refusal(ErrorCode.NotSubscribed, "This connection has no subscription to the channel.", unsubscribe.Channel.Value);

    private ValueTask<Refusal?> PublishAsync(PublishCommand publish)
    {
        if (!_budget.TryPublish(scope.Rates, out var wait))
        {
            return new(Refusal.TooFast(scope.Rates.Publishes, "publications", channel: null, wait));
        }

        _publishes ??= new ConnectionPublishes(connection, scope);
        return _publishes.PublishAsync(publish);
    }
}
