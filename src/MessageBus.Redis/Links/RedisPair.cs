using System.Buffers.Text;
using System.Globalization;
using System.Text;
using MessageBus.Redis.Settings;
using MessageBus.Redis.Wire;
using StackExchange.Redis;

namespace MessageBus.Redis.Links;

/// <summary>Takes a publication; the memory is not kept after the call.</summary>
internal delegate void PublicationHandler(ReadOnlySpan<byte> channel, ReadOnlyMemory<byte> payload);

/// <summary>
/// A link for PUBLISH and one for SUBSCRIBE to the same address, so that a burst of the one does not delay the other. They live and end together: where one
/// breaks or is doubted, both are replaced by a new pair.
/// </summary>
internal sealed class RedisPair : IPublicationReceiver
{
    private readonly TaskCompletionSource<string> _doubt = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _prefix;
    private readonly string _probeName = $"mb:link:{Guid.NewGuid():N}";
    private readonly byte[] _probeBytes;
    private ConnectionMultiplexer _publishing = null!;
    private ConnectionMultiplexer _subscribing = null!;
    private volatile PublicationHandler? _handler;

    // Written by the tap's one reader.
    private volatile int _progress;
    private volatile bool _isTaking;
    private int _progressSeen;

    private RedisPair(RedisAddress address, RedisSettings settings, TimeProvider time)
    {
        Address = address;
        Probe = new NumberedProbe(time);
        Fence = new RoleFence(ConfirmRoleAsync);
        _prefix = Encoding.UTF8.GetBytes(settings.ChannelPrefix);
        _probeBytes = Encoding.ASCII.GetBytes(_probeName);
    }

    public RedisAddress Address { get; }

    /// <summary>What Redis said that it is when the pair was opened. Null where it may not be asked.</summary>
    public RedisRole? Role { get; private set; }

    public NumberedProbe Probe { get; }

    public RoleFence Fence { get; }

    /// <summary>For PUBLISH.</summary>
    public ISubscriber Publisher => _publishing.GetSubscriber();

    /// <summary>For SUBSCRIBE.</summary>
    public ISubscriber Subscriber => _subscribing.GetSubscriber();

    /// <summary>Ends with the reason why the pair is not to be used any more.</summary>
    public Task<string> Doubted => _doubt.Task;

    /// <summary>Whether the gateway may publish to itself to prove the pair. An ACL can forbid that.</summary>
    public bool MayProbe { get; private set; } = true;

    private RedisChannel ProbeChannel => RedisChannel.Literal(_probeName);

    /// <summary>Opens both side by side.</summary>
    /// <exception cref="DialFailure">One of them could not be opened.</exception>
    public static async Task<RedisPair> OpenAsync(RedisAddress address, RedisSettings settings, TimeProvider time)
    {
        var pair = new RedisPair(address, settings, time);
        var publishing = OpenLinkAsync(address, settings, "publish", receiver: null);
        var subscribing = OpenLinkAsync(address, settings, "subscribe", pair);
        try
        {
            await Task.WhenAll(publishing, subscribing);
            pair.Take(publishing.Result, subscribing.Result);
            pair.Role = await RedisRole.AskAsync(pair._publishing.GetDatabase());
            return pair;
        }
        catch (Exception e)
        {
            await CloseAsync(publishing, subscribing);
            throw Known(publishing) ?? Known(subscribing) ?? e as DialFailure ?? new DialFailure(e is RedisServerException ? e.Message : "it accepts the connection but does not answer", isGuess: true, e);
        }
    }

    /// <summary>Takes what the pair brings from now on, but for its own probes.</summary>
    public void BringTo(PublicationHandler handler) => _handler = handler;

    /// <summary>The pair is not to be used any more. The first reason counts. From now on it brings nothing: the gap that is told covers that.</summary>
    public void Doubt(string reason)
    {
        _handler = null;
        _doubt.TrySetResult(reason);
    }

    /// <summary>Whether something has been brought since the last call, or is being taken now: a probe that waits behind it is not lost.</summary>
    public bool HasProgressed()
    {
        var before = _progressSeen;
        return (_progressSeen = _progress) != before || _isTaking;
    }

    /// <summary>The client calls itself connected before its connection for SUBSCRIBE is.</summary>
    public async Task ReadyAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        while (!Subscriber.IsConnected(ProbeChannel))
        {
            if (Doubted.IsCompleted || time.GetElapsedTime(since) > longest)
            {
                throw new DialFailure(Doubted.IsCompleted ? await Doubted : "the connection for SUBSCRIBE does not open");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), time, cancellationToken);
        }
    }

    public async Task SubscribeProbeAsync()
    {
        try
        {
            await Subscriber.SubscribeUntakenAsync(ProbeChannel);
        }
        catch (RedisServerException e) when (RedisError.IsForbidden(e))
        {
            MayProbe = false;
        }
    }

    /// <summary>Sends one through both links.</summary>
    /// <exception cref="RedisServerException">Redis does not take it.</exception>
    public async Task SendProbeAsync()
    {
        var number = Probe.Send();
        try
        {
            await Publisher.PublishAsync(ProbeChannel, number.ToString(CultureInfo.InvariantCulture));
        }
        catch (RedisServerException e)
        {
            Probe.Withdraw(number);
            if (!RedisError.IsForbidden(e))
            {
                throw;
            }

            MayProbe = false;
        }
    }

    /// <summary>The roles that the links see: each is asked on its own connection.</summary>
    public Task<RedisRole?[]> AskRolesAsync() =>
        Task.WhenAll(RedisRole.AskAsync(_publishing.GetDatabase()), RedisRole.AskAsync(_subscribing.GetDatabase()));

    /// <summary>
    /// Waits for no command that is under way. The client is disposed of only after that: to dispose of one whose Redis hangs would hold a thread for as long as
    /// a command may take.
    /// </summary>
    public Task CloseAsync()
    {
        Doubt("closed");
        return Task.WhenAll(CloseAsync(_publishing), CloseAsync(_subscribing));
    }

    private static async Task<ConnectionMultiplexer> OpenLinkAsync(RedisAddress address, RedisSettings settings, string purpose, IPublicationReceiver? receiver)
    {
        var attempt = new DialAttempt(settings.IsSecure);
        var options = settings.For(address, purpose);
        options.LoggerFactory = attempt;
        options.Tunnel = new LinkTunnel(attempt, settings.Tls(address), receiver);
        options.SharedSubscriptionConnection = receiver is not null && options.Protocol is not RedisProtocol.Resp2;
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(options);
        }
        catch (Exception e)
        {
            throw attempt.Failure(e);
        }
    }

    private static async Task CloseAsync(params Task<ConnectionMultiplexer>[] opening)
    {
        foreach (var one in opening)
        {
            if (one.IsCompletedSuccessfully)
            {
                await CloseAsync(one.Result);
            }
            else
            {
                // It ends by itself within the time to connect; one that opens is closed then, for which no one waits.
                _ = one.ContinueWith(late => late.IsCompletedSuccessfully ? CloseAsync(late.Result) : Task.FromResult(late.Exception), TaskScheduler.Default);
            }
        }
    }

    /// <summary>Closes a client as a pair does its own.</summary>
    internal static async Task CloseAsync(ConnectionMultiplexer client)
    {
        await client.CloseAsync(allowCommandsToComplete: false);
        await client.DisposeAsync();
    }

    private void Take(ConnectionMultiplexer publishing, ConnectionMultiplexer subscribing)
    {
        (_publishing, _subscribing) = (publishing, subscribing);
        foreach (var client in (ConnectionMultiplexer[])[publishing, subscribing])
        {
            client.ConnectionFailed += (_, failed) => Doubt(RedisError.Describe(failed));
            if (!client.IsConnected)
            {
                Doubt("the connection broke");
            }
        }
    }

    /// <summary>Of two that failed one may have been told why.</summary>
    private static DialFailure? Known(Task opening) => opening.Exception?.InnerException is DialFailure { IsGuess: false } failure ? failure : null;

    private async Task<bool> ConfirmRoleAsync() => await RedisRole.AskAsync(_publishing.GetDatabase()) is not { IsPrimary: false };

    void IPublicationReceiver.Receive(ReadOnlySpan<byte> channel, ReadOnlyMemory<byte> payload)
    {
        if (!channel.StartsWith(_prefix))
        {
            return;
        }

        _progress++;
        channel = channel[_prefix.Length..];
        if (!channel.SequenceEqual(_probeBytes))
        {
            _isTaking = true;
            _handler?.Invoke(channel, payload);
            _isTaking = false;
        }
        else if (Utf8Parser.TryParse(payload.Span, out long number, out _) && Probe.Hear(number) is var missing and > 0)
        {
            Doubt($"{missing} of the gateway's own publications were lost on the way");
        }
    }

    void IPublicationReceiver.Receiving() => _progress++;
}
