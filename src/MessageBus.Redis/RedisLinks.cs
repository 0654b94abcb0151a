using StackExchange.Redis;

namespace MessageBus.Redis;

/// <summary>
/// The two links to Redis, and whether they hold. The client's events only say that something has changed: it does not tell them in order, so what
/// holds is asked of the client itself.
/// </summary>
internal sealed class RedisLinks : IDisposable
{
    private static readonly TimeSpan ProofInterval = TimeSpan.FromMilliseconds(20);

    private readonly RedisBrokerOptions _options;
    private readonly Action _onChange;
    private readonly RedisChannel _proof = new($"mb:proof:{Guid.NewGuid():N}", RedisChannel.PatternMode.Literal);
    private readonly ConnectionMultiplexer _publishing;
    private ConnectionMultiplexer _subscribing;
    private volatile bool _isSubscriberBroken;

    private RedisLinks(RedisBrokerOptions options, Action onChange, ConnectionMultiplexer publishing, ConnectionMultiplexer subscribing)
    {
        _options = options;
        _onChange = onChange;
        _publishing = publishing;
        _subscribing = subscribing;
        Publisher = publishing.GetSubscriber();
        Subscriber = subscribing.GetSubscriber();
        Watch(publishing);
        Watch(subscribing);
    }

    /// <summary>For PUBLISH.</summary>
    public ISubscriber Publisher { get; }

    /// <summary>For SUBSCRIBE and what comes of it.</summary>
    public ISubscriber Subscriber { get; private set; }

    /// <summary>Where Redis is, without passwords.</summary>
    public string Endpoints => string.Join(", ", _publishing.GetEndPoints().Select(EndPointText));

    /// <summary>The link for PUBLISH holds, so that Redis can be reached.</summary>
    public bool IsPublisherUp => _publishing.IsConnected;

    /// <summary>The link for SUBSCRIBE has held since it was opened.</summary>
    public bool IsSubscriberWhole => !_isSubscriberBroken && _subscribing.IsConnected && Subscriber.IsConnected(_proof);

    /// <summary>Tries to reach Redis once, and goes on trying by itself.</summary>
    public static async Task<RedisLinks> OpenAsync(RedisBrokerOptions options, Action onChange) => new(
        options,
        onChange,
        await ConnectionMultiplexer.ConnectAsync(Configure(options, "publish")),
        await ConnectionMultiplexer.ConnectAsync(Configure(options, "subscribe")));

    /// <summary>
    /// Opens the link for SUBSCRIBE anew where it has broken, and waits until it is there. The client would bring its channels back by itself, but does not
    /// say when Redis has acknowledged them, and after many channels (5,000, once in some ten restarts) not always all of them.
    /// </summary>
    /// <returns>Whether it is a new one, on which nothing is subscribed.</returns>
    public async Task<bool> RenewSubscriberAsync(CancellationToken cancellationToken)
    {
        var isNew = _isSubscriberBroken;
        if (isNew)
        {
            _subscribing.Close(allowCommandsToComplete: false);
            _subscribing = await ConnectionMultiplexer.ConnectAsync(Configure(_options, "subscribe"));
            Subscriber = _subscribing.GetSubscriber();

            // Late news of the old one ends here: the new one starts whole.
            _isSubscriberBroken = false;
            Watch(_subscribing);
        }

        // The client calls itself connected a moment before its connection for SUBSCRIBE is there.
        while (!IsSubscriberWhole && !_isSubscriberBroken)
        {
            await Task.Delay(ProofInterval, cancellationToken);
        }

        return isNew;
    }

    /// <summary>The link for SUBSCRIBE is not to be used as it is: it is opened anew the next time.</summary>
    public void GiveUpSubscriber() => _isSubscriberBroken = true;

    /// <summary>Ends once a publication through the one link was heard through the other.</summary>
    public async Task ProveAsync(CancellationToken cancellationToken)
    {
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var subscription = new RedisSubscription(_proof, default, (_, _) => heard.TrySetResult());
        try
        {
            await subscription.SubscribeAsync(Subscriber).WaitAsync(cancellationToken);
            while (!heard.Task.IsCompleted)
            {
                await Publisher.PublishAsync(_proof, RedisValue.EmptyString).WaitAsync(cancellationToken);
                await Task.WhenAny(heard.Task, Task.Delay(ProofInterval, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            // Also after a failure: the client would subscribe it again at every return. Its own record of the channel is gone with the call, so that
            // a Redis that does not answer is not waited for.
            await Task.WhenAny(subscription.UnsubscribeAsync(Subscriber), Task.Delay(ProofInterval, CancellationToken.None));
        }
    }

    public void Dispose()
    {
        // Not waiting for commands that are under way: version 1.2.6 fails at that where a server was lost.
        _publishing.Close(allowCommandsToComplete: false);
        _subscribing.Close(allowCommandsToComplete: false);
    }

    // The client's events come in no order, so they only wake whoever looks, and say that something has broken.
    private void Watch(ConnectionMultiplexer link)
    {
        link.ConnectionRestored += (_, _) => _onChange();
        link.ConnectionFailed += (_, _) =>
        {
            // Any connection of the subscribing client counts, not only the one that subscribes: when its other one cannot return at once,
            // the client unsubscribes everything until it does. A break of the link for PUBLISH loses no delivery.
            if (ReferenceEquals(link, _subscribing))
            {
                _isSubscriberBroken = true;
            }

            _onChange();
        };
    }

    private static ConfigurationOptions Configure(RedisBrokerOptions options, string purpose)
    {
        var configuration = ConfigurationOptions.Parse(options.Configuration!);
        configuration.AbortOnConnectFail = false;
        configuration.ReconnectRetryPolicy = new LinearRetry((int)options.ReconnectInterval.TotalMilliseconds);
        configuration.ClientName = $"{configuration.ClientName ?? "messagebus"}-{purpose}";
        return configuration;
    }

    private static string EndPointText(System.Net.EndPoint endPoint) =>
        endPoint is System.Net.DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endPoint.ToString() ?? "";
}
