using MessageBus.Access;
using MessageBus.Authentication;
using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Limits;
using MessageBus.Protocol;

namespace MessageBus.Connections;

/// <summary>
/// What a connection's commands do, one at a time in the order they came. Only publishes overlap: several are on their way to the broker at once,
/// and are answered in order.
/// </summary>
internal sealed class ConnectionCommands(Connection connection, ConnectionScope scope)
{
    /// <summary>When a client may try again that the gateway could not serve for lack of a broker.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    // Guarded by itself: the subscriptions of one connect complete on several threads, a review of rights ends some on another, and the API reads.
    // What is posted to the loop about a subscription is posted under the same lock, so that its beginning and its end come in order.
    private readonly Dictionary<ChannelName, Subscription> _subscriptions = [];
    private readonly PublishQueue _publishes = new();
    private CommandBudget _budget;
    private bool _isConnected;

    // What the errors that are told count against.
    private Type _doing = typeof(ConnectCommand);
    private bool _isRefused;

    private Caller Caller => connection.Identity.Caller;

    private Subscriber Subscriber => connection.Subscriber;

    private DeliveryLoop Loop => connection.Subscriber.Loop;

    public IReadOnlyList<string> Channels
    {
        get
        {
            lock (_subscriptions)
            {
                return [.. _subscriptions.Keys.Select(channel => channel.Value)];
            }
        }
    }

    public async Task DoAsync(Command command)
    {
        var type = command.GetType();
        (_doing, _isRefused) = (type, false);
        await CarryOutAsync(command);

        // A publish counts when it is answered, one that ends the connection as a close. A connect is done although subscriptions of it were refused.
        if (command is not PublishCommand && connection.CloseReason is null && (!_isRefused || _doing != type))
        {
            scope.Counters.Commands.Add((type, null));
        }
    }

    private Task CarryOutAsync(Command command)
    {
        if (command is MalformedMessage || (!_isConnected && command is not ConnectCommand))
        {
            connection.Close(CloseReason.BadMessage);
            return Task.CompletedTask;
        }

        if (connection.IsExpired)
        {
            connection.Close(CloseReason.Unauthorized);
            return Task.CompletedTask;
        }

        switch (_budget.ChargeCommand(scope.Rates, out var wait))
        {
            case Payment.Overdrawn:
                connection.Close(CloseReason.RateLimited);
                return Task.CompletedTask;

            // What has no answer or gives something back is better done than refused.
            case Payment.OnCredit when command is not (PongCommand or UnsubscribeCommand):
                return RefuseTooFast(command.Id, scope.Rates.Commands, "commands", (command as SubscribeCommand)?.Channel, wait);
        }

        return command switch
        {
            PublishCommand publish => PublishAsync(publish),
            SubscribeCommand subscribe => SubscribeAsync(subscribe),
            UnsubscribeCommand unsubscribe => Unsubscribe(unsubscribe),
            ConnectCommand connect => ConnectAsync(connect),
            RefreshCommand refresh => RefreshAsync(refresh),
            RefusedCommand refused => Refuse(refused.Id, refused.Code, refused.Message),
            _ => Task.CompletedTask,
        };
    }

    /// <summary>Looks at the rights again, and ends the subscriptions that are no longer allowed. Any thread.</summary>
    public async Task ReviewAsync()
    {
        List<Subscription> held;
        lock (_subscriptions)
        {
            held = [.. _subscriptions.Values];
        }

        foreach (var subscription in held)
        {
            await ReviewAsync(subscription);
        }
    }

    /// <summary>Gives everything back.</summary>
    public async Task EndAsync()
    {
        List<Subscription> held;
        lock (_subscriptions)
        {
            held = [.. _subscriptions.Values];
        }

        held.ForEach(subscription => TryRemove(subscription, reply: null));
        await _publishes.DrainAsync();
    }

    /// <summary>Ends when the publishes that are under way are answered, whatever came of them. Any thread.</summary>
    public Task AnsweredAsync() => Task.WhenAny(_publishes.DrainAsync());

    private async Task ConnectAsync(ConnectCommand connect)
    {
        if (_isConnected)
        {
            await Refuse(connect.Id, ErrorCode.UnknownType, "This connection is connected already: connect is the first message and comes once.");
            return;
        }

        if (!await IsAdmittedAsync(connect.Token))
        {
            connection.Close(CloseReason.Unauthorized);
            return;
        }

        // It may be known only now who this is.
        if (!connection.Place.TryChangeUser(connection.Identity.User))
        {
            connection.Close(CloseReason.RateLimited);
            return;
        }

        _isConnected = true;
        var connected = ServerMessage.Connected(
            connect.Id, connection.Identity.Id, connection.Identity.User, scope.Options.PingInterval, scope.Options.MaxMessageBytes, connection.ExpiresInSeconds);
        Loop.Connected(Subscriber, EncodedFrame.Text(connected));
        _doing = typeof(SubscribeCommand);

        // All channels are asked for before the first answer is awaited: a client that returns with many of them waits for one round trip.
        // Those that the operator gives come first, so that a client cannot crowd them out; of too many of them, the first one is answered.
        var max = scope.Options.MaxSubscriptionsPerConnection;
        var automatic = scope.Access.Policy.AutomaticChannels(Caller).Take(max + 1).Select(channel => channel.Value);
        var wanted = automatic.Concat(connect.Subscriptions.Select(requested => requested.Channel)).Distinct().ToList();
        var pending = wanted.Select((channel, index) => BeginSubscribe(channel, isTooMany: index >= max)).ToList();
        await Task.WhenAll(pending);
    }

    /// <summary>A token in <c>connect</c> is the client's last word on who it is; without one it is who its request was from.</summary>
    private async ValueTask<bool> IsAdmittedAsync(string? token)
    {
        if (token is null || scope.Tokens is null)
        {
            return connection.Identity.IsAuthenticated || scope.Options.AllowAnonymous is true;
        }

        if (await IdentifyAsync(scope.Tokens, token) is not { } identity)
        {
            return false;
        }

        connection.Identity = identity;
        return true;
    }

    private async Task RefreshAsync(RefreshCommand refresh)
    {
        if (scope.Tokens is null)
        {
            await Refuse(refresh.Id, ErrorCode.Unauthorized, "This gateway takes no tokens.");
        }
        else if (await IdentifyAsync(scope.Tokens, refresh.Token) is not { } identity)
        {
            await Refuse(refresh.Id, ErrorCode.Unauthorized, "The token is not accepted.");
        }
        else if (!connection.Identity.IsAuthenticated || identity.User != connection.Identity.User)
        {
            await Refuse(refresh.Id, ErrorCode.Unauthorized, "The token is not of this connection's user. Open another connection for it.");
        }
        else
        {
            connection.Identity = identity;

            // The new token may have fewer rights. What they no longer cover has ended when the client hears that it was refreshed.
            await ReviewAsync();
            if (refresh.Id is not null)
            {
                Loop.Send(Subscriber, EncodedFrame.Text(ServerMessage.Refreshed(refresh.Id, connection.ExpiresInSeconds)));
            }
        }
    }

    private async ValueTask<ConnectionIdentity?> IdentifyAsync(ITokenValidator tokens, string token) =>
        await tokens.ValidateAsync(token, CancellationToken.None) is { } accepted ? connection.Identity.With(accepted.Principal, accepted.Expires) : null;

    private Task BeginSubscribe(string channel, bool isTooMany)
    {
        if (!ChannelName.TryParse(channel, out var name, out var problem))
        {
            return Refuse(id: null, ErrorCode.BadChannel, problem, channel);
        }

        return isTooMany ? RefuseTooMany(id: null, name) : SubscribeAsync(id: null, name);
    }

    private Task SubscribeAsync(SubscribeCommand subscribe)
    {
        lock (_subscriptions)
        {
            if (_subscriptions.ContainsKey(subscribe.Channel))
            {
                Loop.Send(Subscriber, EncodedFrame.Text(ServerMessage.Subscribed(subscribe.Id, subscribe.Channel)));
                return Task.CompletedTask;
            }

            if (_subscriptions.Count >= scope.Options.MaxSubscriptionsPerConnection)
            {
                return RefuseTooMany(subscribe.Id, subscribe.Channel);
            }
        }

        return _budget.TrySubscribe(scope.Rates, out var wait)
            ? SubscribeAsync(subscribe.Id, subscribe.Channel)
            : RefuseTooFast(subscribe.Id, scope.Rates.Subscribes, "new subscriptions", subscribe.Channel, wait);
    }

    private async Task SubscribeAsync(int? id, ChannelName channel)
    {
        var policy = scope.Access.Policy;
        if (await scope.Access.DecideAsync(ChannelOperation.Subscribe, channel, Caller) is not AccessDecision.Allowed and var decision)
        {
            await Refuse(id, decision, channel);
            return;
        }

        if (await scope.Directory.AcquireAsync(channel, Loop.Index) is not { } local)
        {
            await Refuse(id, ErrorCode.Unavailable, "The gateway cannot reach its broker.", channel.Value, RetryAfter);
            return;
        }

        var subscription = new Subscription(Subscriber, local);
        lock (_subscriptions)
        {
            _subscriptions[channel] = subscription;
            Loop.Subscribe(subscription, EncodedFrame.Text(ServerMessage.Subscribed(id, channel)));
        }

        // A review that began before this stood among the subscriptions has not seen it.
        if (scope.Access.Policy != policy)
        {
            await ReviewAsync(subscription);
        }
    }

    private async Task ReviewAsync(Subscription subscription)
    {
        var channel = subscription.Channel.Name;
        if (await scope.Access.DecideAsync(ChannelOperation.Subscribe, channel, Caller) is not AccessDecision.Allowed)
        {
            TryRemove(subscription, EncodedFrame.Text(ServerMessage.Unsubscribed(channel, ErrorCode.Forbidden)));
        }
    }

    private Task Unsubscribe(UnsubscribeCommand unsubscribe)
    {
        Subscription? subscription;
        lock (_subscriptions)
        {
            _subscriptions.TryGetValue(unsubscribe.Channel, out subscription);
        }

        return subscription is not null && TryRemove(subscription, EncodedFrame.Text(ServerMessage.Unsubscribed(unsubscribe.Id, unsubscribe.Channel)))
            ? Task.CompletedTask
            : Refuse(unsubscribe.Id, ErrorCode.NotSubscribed, "This connection has no subscription to the channel.", unsubscribe.Channel.Value);
    }

    /// <summary>Ends the subscription, unless another has ended it already.</summary>
    private bool TryRemove(Subscription subscription, EncodedFrame? reply)
    {
        lock (_subscriptions)
        {
            if (!((ICollection<KeyValuePair<ChannelName, Subscription>>)_subscriptions).Remove(KeyValuePair.Create(subscription.Channel.Name, subscription)))
            {
                return false;
            }

            Loop.Unsubscribe(subscription, reply);
        }

        scope.Directory.Release(subscription.Channel, Loop.Index);
        return true;
    }

    private Task PublishAsync(PublishCommand publish)
    {
        if (!_budget.TryPublish(scope.Rates, out var wait))
        {
            return RefuseTooFast(publish.Id, scope.Rates.Publishes, "publications", channel: null, wait);
        }

        var decision = scope.Access.DecideAsync(ChannelOperation.Publish, publish.Channel, Caller);
        return decision.IsCompletedSuccessfully ? PublishAsync(publish, decision.Result) : PublishOnceDecidedAsync(publish, decision);
    }

    private async Task PublishOnceDecidedAsync(PublishCommand publish, ValueTask<AccessDecision> decision) => await PublishAsync(publish, await decision);

    private Task PublishAsync(PublishCommand publish, AccessDecision decision)
    {
        if (decision is not AccessDecision.Allowed)
        {
            return Refuse(publish.Id, decision, publish.Channel);
        }

        if (publish.Payload.Length > scope.Options.MaxPayloadBytes)
        {
            return Refuse(publish.Id, ErrorCode.TooLarge, $"A payload is at most {scope.Options.MaxPayloadBytes} bytes.");
        }

        var publishing = scope.Broker.PublishAsync(publish.Channel, publish.Payload, CancellationToken.None);
        return _publishes.AddAsync(publishing, result => AnswerPublish(publish.Id, result));
    }

    private void AnswerPublish(int? id, BrokerResult result)
    {
        scope.Publications.Sent.Add((PublicationSource.Connection, result));
        scope.Counters.Commands.Add((typeof(PublishCommand), result is BrokerResult.Accepted ? null : ErrorCode.Unavailable));
        if (result is not BrokerResult.Accepted)
        {
            Loop.Send(Subscriber, Error(id, ErrorCode.Unavailable, "The gateway cannot reach its broker.", channel: null, RetryAfter));
        }
        else if (id is not null)
        {
            Loop.Send(Subscriber, EncodedFrame.Text(ServerMessage.Published(id)));
        }
    }

    private Task RefuseTooMany(int? id, ChannelName channel) =>
        Refuse(id, ErrorCode.TooManySubscriptions, $"A connection may hold {scope.Options.MaxSubscriptionsPerConnection} subscriptions.", channel.Value);

    private Task RefuseTooFast(int? id, Rate rate, string what, ChannelName? channel, TimeSpan wait) =>
        Refuse(id, ErrorCode.RateLimited, $"A connection may send {rate.PerSecond} {what} a second, and {rate.Burst} at once.", channel?.Value, wait);

    /// <summary>The same words for every channel, so that nothing about it can be learnt from them.</summary>
    private Task Refuse(int? id, AccessDecision decision, ChannelName channel) => decision is AccessDecision.Forbidden
        ? Refuse(id, ErrorCode.Forbidden, "Not allowed.", channel.Value)
        : Refuse(id, ErrorCode.Internal, "The gateway could not find out whether this is allowed.", channel.Value);

    private Task Refuse(int? id, ErrorCode code, string message, string? channel = null, TimeSpan? retryAfter = null)
    {
        _isRefused = true;
        scope.Counters.Commands.Add((_doing, code));
        Loop.Send(Subscriber, Error(id, code, message, channel, retryAfter));
        return Task.CompletedTask;
    }

    private static EncodedFrame Error(int? id, ErrorCode code, string message, string? channel, TimeSpan? retryAfter) =>
        EncodedFrame.Text(ServerMessage.Error(id, code, message, channel, retryAfter));
}
