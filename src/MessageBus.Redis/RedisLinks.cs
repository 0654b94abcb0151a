using StackExchange.Redis;

namespace MessageBus.Redis;

/// <summary>
/// The two links to Redis, and whether they hold. The client's events only say that something has changed: it does not tell them in order, so what
/// holds is asked of the client itself.
/// </summary>
internal sealed class RedisLinks : IDisposable
{
    private static readonly TimeSpan ProofInterval = TimeSpan.FromMilliseconds(20);

    private readonly ConnectionMultiplexer _publishing;
    private readonly ConnectionMultiplexer _subscribing;
    private readonly RedisChannel _proof = new($"mb:proof:{Guid.NewGuid():N}", RedisChannel.PatternMode.Literal);
    private int _broken;

    private RedisLinks(ConnectionMultiplexer publishing, ConnectionMultiplexer subscribing, Action onChange)
    {
        _publishing = publishing;
        _subscribing = subscribing;
        Publisher = publishing.GetSubscriber();
        Subscriber = subscribing.GetSubscriber();
        foreach (var link in new[] { publishing, subscribing })
        {
            link.ConnectionRestored += (_, _) => onChange();
            link.ConnectionFailed += (_, failed) =>
            {
                // Any connection of the subscribing client counts, not only the one that subscribes: when its other one cannot return at once,
                // the client unsubscribes everything until it does.
                if (ReferenceEquals(link, subscribing) || failed.ConnectionType is ConnectionType.Interactive)
                {
                    Interlocked.Exchange(ref _broken, 1);
                }

                onChange();
            };
        }
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
    public bool AreUp => IsPublisherUp && _subscribing.IsConnected && Subscriber.IsConnected(_proof);

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
        // The client calls itself connected a moment before it has sent its channels.
        do
        {
            await Task.Delay(ProofInterval, cancellationToken);
        }
        while (channels.Any(channel => Subscriber.SubscribedEndpoint(channel) is null));

        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var subscription = new RedisSubscription(_proof, _ => heard.TrySetResult());
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
