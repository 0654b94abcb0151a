using MessageBus.Protocol;
using StackExchange.Redis;

namespace MessageBus.Redis;

/// <summary>The two links to Redis, whether they hold, and when they are opened anew.</summary>
internal sealed class RedisLinks : IDisposable
{
    private static readonly TimeSpan ProofInterval = TimeSpan.FromMilliseconds(20);

    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;
    private readonly RedisChannel _proof = new($"mb:proof:{Guid.NewGuid():N}", RedisChannel.PatternMode.Literal);
    private readonly RedisLink _publishing;
    private readonly RedisLink _subscribing;

    // Not disposed: who waits for it must see the end of the links, and it holds nothing that needs it.
    private readonly SemaphoreSlim _changed;
    private volatile bool _isDistrusted;
    private long? _publisherDownSince;

    private RedisLinks(RedisLink publishing, RedisLink subscribing, SemaphoreSlim changed, TimeSpan patience, TimeProvider time)
    {
        _publishing = publishing;
        _subscribing = subscribing;
        _changed = changed;
        _patience = patience;
        _time = time;
    }

    /// <summary>For PUBLISH.</summary>
    public ISubscriber Publisher => _publishing.Subscriber;

    /// <summary>For SUBSCRIBE and what comes of it.</summary>
    public ISubscriber Subscriber => _subscribing.Subscriber;

    /// <summary>Where Redis is, without passwords.</summary>
    public string Endpoints => _publishing.Endpoints;

    /// <summary>
    /// Both links hold, and the one for SUBSCRIBE has held since it was opened. A break of the link for PUBLISH loses no delivery, so that it may return by itself.
    /// </summary>
    public bool AreWhole => _publishing.IsConnected && IsSubscriberWhole;

    /// <summary>Nothing is known to be missing of what the link for SUBSCRIBE brings.</summary>
    public bool BringsAll => !_isDistrusted && !_subscribing.HasBroken;

    private bool IsSubscriberWhole => BringsAll && _subscribing.IsConnected && Subscriber.IsConnected(_proof);

    /// <summary>Channel names are literal, never patterns.</summary>
    public static RedisChannel Literal(ChannelName channel) => new(channel.Value, RedisChannel.PatternMode.Literal);

    /// <summary>Whether that is what a call comes to while Redis cannot be reached.</summary>
    public static bool IsUnavailable(Exception e) =>
        e is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException;

    /// <summary>Tries to reach Redis once, and goes on trying by itself.</summary>
    public static async Task<RedisLinks> OpenAsync(RedisBrokerOptions options, TimeProvider time)
    {
        var changed = new SemaphoreSlim(0);
        void OnChange() => changed.Release();
        var publishing = await RedisLink.OpenAsync(options, "publish", OnChange);
        var subscribing = await RedisLink.OpenAsync(options, "subscribe", OnChange);
        return new RedisLinks(publishing, subscribing, changed, options.CommandTimeout, time);
    }

    /// <summary>Ends when something has changed, or after <paramref name="longest"/>: the client tells of changes by events, and may not tell of one.</summary>
    public Task WaitForChangeAsync(TimeSpan longest, CancellationToken cancellationToken) => _changed.WaitAsync(longest, cancellationToken);

    /// <summary>
    /// Whether Redis can be reached. The link for PUBLISH tells, for it returns by itself; where it has not for as long as a command may take, another one is
    /// opened beside it: the client may keep a connection that Redis let in no further than its password.
    /// </summary>
    public async Task<bool> IsReachableAsync()
    {
        if (_publishing.IsConnected)
        {
            _publisherDownSince = null;
            _publishing.NeedsNoSuccessor();
            return true;
        }

        _publisherDownSince ??= _time.GetTimestamp();
        if (_time.GetElapsedTime(_publisherDownSince.Value) >= _patience)
        {
            _publisherDownSince = null;
            _publishing.BeginToSucceed();
        }

        await _publishing.SucceedAsync();
        return _publishing.IsConnected;
    }

    /// <summary>
    /// Opens anew what has broken or is not trusted, and waits until the link for SUBSCRIBE is there. The client would bring its channels back by itself, but does
    /// not say when Redis has acknowledged them, and after many channels (5,000, once in some ten restarts) not always all of them.
    /// </summary>
    /// <returns>Whether the link for SUBSCRIBE is a new one, on which nothing is subscribed.</returns>
    public async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        if (_isDistrusted)
        {
            await _publishing.RenewAsync();
        }

        var isNew = _isDistrusted || _subscribing.HasBroken;
        if (isNew)
        {
            await _subscribing.RenewAsync();
            _isDistrusted = false;
        }

        // The client calls itself connected a moment before its connection for SUBSCRIBE is there.
        while (!IsSubscriberWhole && !_subscribing.HasBroken)
        {
            await Task.Delay(ProofInterval, _time, cancellationToken);
        }

        return isNew;
    }

    /// <summary>The links are not to be used as they are: both are opened anew the next time.</summary>
    public void Distrust() => _isDistrusted = true;

    /// <summary>The same, and the next time is now.</summary>
    public void Replace()
    {
        Distrust();
        _changed.Release();
    }

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
                await Task.WhenAny(heard.Task, Task.Delay(ProofInterval, _time, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            // Also after a failure: the client would subscribe it again at every return. Its own record of the channel is gone with the call, so that
            // a Redis that does not answer is not waited for.
            await Task.WhenAny(subscription.UnsubscribeAsync(Subscriber), Task.Delay(ProofInterval, _time, CancellationToken.None));
        }
    }

    public void Dispose()
    {
        _publishing.Dispose();
        _subscribing.Dispose();
    }
}
