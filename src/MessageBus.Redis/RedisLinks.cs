using StackExchange.Redis;

namespace MessageBus.Redis;

/// <summary>
/// The two links to Redis, and whether they hold. The subscriber link counts as up only when the client says that it was restored, which it does
/// after it has sent its subscriptions again; <c>IsConnected</c> is true a moment earlier.
/// </summary>
internal sealed class RedisLinks : IDisposable
{
    private static readonly TimeSpan ProofInterval = TimeSpan.FromMilliseconds(20);

    private readonly ConnectionMultiplexer _publishing;
    private readonly ConnectionMultiplexer _subscribing;
    private int _broken;
    private volatile bool _isSubscriberUp;

    private RedisLinks(ConnectionMultiplexer publishing, ConnectionMultiplexer subscribing, Action onChange)
    {
        _publishing = publishing;
        _subscribing = subscribing;
        Publisher = publishing.GetSubscriber();
        Subscriber = subscribing.GetSubscriber();
        foreach (var link in new[] { publishing, subscribing })
        {
            link.ConnectionRestored += (_, restored) =>
            {
                _isSubscriberUp |= IsSubscriberLink(link, restored);
                onChange();
            };
            link.ConnectionFailed += (_, failed) =>
            {
                _isSubscriberUp &= !IsSubscriberLink(link, failed);
                if (IsSubscriberLink(link, failed) || IsPublisherLink(link, failed))
                {
                    Interlocked.Exchange(ref _broken, 1);
                }

                onChange();
            };
        }

        // Behind the events: a link that comes up from here on tells so.
        _isSubscriberUp = Subscriber.IsConnected(ProofChannel());
    }

    /// <summary>For PUBLISH.</summary>
    public ISubscriber Publisher { get; }

    /// <summary>For SUBSCRIBE and what comes of it.</summary>
    public ISubscriber Subscriber { get; }

    /// <summary>Where Redis is, without passwords.</summary>
    public string Endpoints => string.Join(", ", _subscribing.GetEndPoints().Select(EndPointText));

    /// <summary>The link for PUBLISH holds.</summary>
    public bool IsPublisherUp => _publishing.IsConnected;

    /// <summary>Both links hold at the moment.</summary>
    public bool AreUp => IsPublisherUp && _isSubscriberUp;

    /// <summary>Tries to reach Redis once, and goes on trying by itself.</summary>
    public static async Task<RedisLinks> OpenAsync(RedisBrokerOptions options, Action onChange) => new(
        await ConnectionMultiplexer.ConnectAsync(Configure(options, "publish")),
        await ConnectionMultiplexer.ConnectAsync(Configure(options, "subscribe")),
        onChange);

    /// <summary>Whether a link broke since the last call, even if it holds again.</summary>
    public bool TakeBroken() => Interlocked.Exchange(ref _broken, 0) is 1;

    /// <summary>
    /// Ends once all of <paramref name="channels"/> are subscribed at Redis and a publication through the one link was heard through the other.
    /// After a reconnect the client subscribes its channels again by itself, some at once and some when it has looked at its servers anew, and does not
    /// say when Redis has acknowledged them (its ping on that link may never be answered after many channels). So: first every channel has a server that
    /// it was sent to; then a new channel is subscribed, behind those, and what is heard on it comes after their acknowledgement.
    /// </summary>
    public async Task ProveAsync(IEnumerable<RedisChannel> channels, CancellationToken cancellationToken)
    {
        while (channels.Any(channel => Subscriber.SubscribedEndpoint(channel) is null))
        {
            await Task.Delay(ProofInterval, cancellationToken);
        }

        var proof = ProofChannel();
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var subscription = new RedisSubscription(proof, _ => heard.TrySetResult());
        await subscription.SubscribeAsync(Subscriber).WaitAsync(cancellationToken);
        while (!heard.Task.IsCompleted)
        {
            await Publisher.PublishAsync(proof, RedisValue.EmptyString).WaitAsync(cancellationToken);
            await Task.WhenAny(heard.Task, Task.Delay(ProofInterval, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }

        await subscription.UnsubscribeAsync(Subscriber).WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        // Not waiting for commands that are under way: version 1.2.6 fails at that where a server was lost.
        _publishing.Close(allowCommandsToComplete: false);
        _subscribing.Close(allowCommandsToComplete: false);
    }

    private static RedisChannel ProofChannel() => new($"mb:proof:{Guid.NewGuid():N}", RedisChannel.PatternMode.Literal);

    private bool IsSubscriberLink(ConnectionMultiplexer link, ConnectionFailedEventArgs change) =>
        ReferenceEquals(link, _subscribing) && change.ConnectionType is ConnectionType.Subscription;

    private bool IsPublisherLink(ConnectionMultiplexer link, ConnectionFailedEventArgs change) =>
        ReferenceEquals(link, _publishing) && change.ConnectionType is ConnectionType.Interactive;

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
