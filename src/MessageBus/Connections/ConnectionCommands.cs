using MessageBus.Brokers;
using MessageBus.Delivery;
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

    // Guarded by itself: the subscriptions of one connect complete on several threads, and the API reads from others.
    private readonly Dictionary<ChannelName, Subscription> _subscriptions = [];
    private readonly PublishQueue _publishes = new();
    private bool _isConnected;

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

    public Task DoAsync(Command command)
    {
        if (command is MalformedMessage || (!_isConnected && command is not ConnectCommand))
        {
            connection.Close(CloseReason.BadMessage);
            return Task.CompletedTask;
        }

        return command switch
        {
            PublishCommand publish => PublishAsync(publish),
            SubscribeCommand subscribe => SubscribeAsync(subscribe),
            UnsubscribeCommand unsubscribe => Unsubscribe(unsubscribe),
            ConnectCommand connect => ConnectAsync(connect),
            RefusedCommand refused => Refuse(refused.Id, refused.Code, refused.Message),
            _ => Task.CompletedTask,
        };
    }

    /// <summary>Gives everything back.</summary>
    public async Task EndAsync()
    {
        foreach (var subscription in _subscriptions.Values)
        {
            Remove(subscription, reply: null);
        }

        await _publishes.DrainAsync();
    }

    private async Task ConnectAsync(ConnectCommand connect)
    {
        if (_isConnected)
        {
            await Refuse(connect.Id, ErrorCode.UnknownType, "This connection is connected already: connect is the first message and comes once.");
            return;
        }

        _isConnected = true;
        var connected = ServerMessage.Connected(
            connect.Id, connection.Identity.Id, connection.Identity.User, scope.Options.PingInterval, scope.Options.MaxMessageBytes);
        Loop.Connected(Subscriber, EncodedFrame.Text(connected));

        // All channels are asked for before the first answer is awaited: a client that returns with many of them waits for one round trip.
        var wanted = connect.Subscriptions.Distinct().ToList();
        var pending = wanted.Select((requested, index) => BeginSubscribe(requested.Channel, isTooMany: index >= scope.Options.MaxSubscriptionsPerConnection)).ToList();
        await Task.WhenAll(pending);
    }

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
        // Only this connection's commands write, and this is one of them: reading here needs no lock.
        if (_subscriptions.ContainsKey(subscribe.Channel))
        {
            Loop.Send(Subscriber, EncodedFrame.Text(ServerMessage.Subscribed(subscribe.Id, subscribe.Channel)));
            return Task.CompletedTask;
        }

        return _subscriptions.Count >= scope.Options.MaxSubscriptionsPerConnection
            ? RefuseTooMany(subscribe.Id, subscribe.Channel)
            : SubscribeAsync(subscribe.Id, subscribe.Channel);
    }

    private async Task SubscribeAsync(int? id, ChannelName channel)
    {
        if (await scope.Directory.AcquireAsync(channel, Loop.Index) is not { } local)
        {
            await Refuse(id, ErrorCode.Unavailable, "The gateway cannot reach its broker.", channel.Value, RetryAfter);
            return;
        }

        var subscription = new Subscription(Subscriber, local);
        lock (_subscriptions)
        {
            _subscriptions[channel] = subscription;
        }

        Loop.Subscribe(subscription, EncodedFrame.Text(ServerMessage.Subscribed(id, channel)));
    }

    private Task Unsubscribe(UnsubscribeCommand unsubscribe)
    {
        Subscription? subscription;
        lock (_subscriptions)
        {
            _subscriptions.Remove(unsubscribe.Channel, out subscription);
        }

        if (subscription is null)
        {
            return Refuse(unsubscribe.Id, ErrorCode.NotSubscribed, "This connection has no subscription to the channel.", unsubscribe.Channel.Value);
        }

        Remove(subscription, EncodedFrame.Text(ServerMessage.Unsubscribed(unsubscribe.Id, unsubscribe.Channel)));
        return Task.CompletedTask;
    }

    private void Remove(Subscription subscription, EncodedFrame? reply)
    {
        Loop.Unsubscribe(subscription, reply);
        scope.Directory.Release(subscription.Channel, Loop.Index);
    }

    private Task PublishAsync(PublishCommand publish)
    {
        if (publish.Payload.Length > scope.Options.MaxPayloadBytes)
        {
            return Refuse(publish.Id, ErrorCode.TooLarge, $"A payload is at most {scope.Options.MaxPayloadBytes} bytes.");
        }

        var publishing = scope.Broker.PublishAsync(publish.Channel, publish.Payload, CancellationToken.None);
        return _publishes.AddAsync(publishing, result => AnswerPublish(publish.Id, result));
    }

    private void AnswerPublish(int? id, BrokerResult result)
    {
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

    private Task Refuse(int? id, ErrorCode code, string message, string? channel = null, TimeSpan? retryAfter = null)
    {
        Loop.Send(Subscriber, Error(id, code, message, channel, retryAfter));
        return Task.CompletedTask;
    }

    private static EncodedFrame Error(int? id, ErrorCode code, string message, string? channel, TimeSpan? retryAfter) =>
        EncodedFrame.Text(ServerMessage.Error(id, code, message, channel, retryAfter));
}
