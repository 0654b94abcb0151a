using StackExchange.Redis;

namespace MessageBus.Redis;

/// <summary>
/// One link to Redis. The client returns to a lost Redis by itself, but not always whole; where it cannot be trusted it is replaced by a new one.
/// The client's events only say that something has changed: it does not tell them in order, so what holds is asked of the client itself.
/// </summary>
internal sealed class RedisLink : IDisposable
{
    private readonly RedisBrokerOptions _options;
    private readonly string _purpose;
    private readonly Action _onChange;
    private ConnectionMultiplexer _client;
    private volatile Whole _whole;
    private Task<ConnectionMultiplexer>? _successor;

    private RedisLink(RedisBrokerOptions options, string purpose, Action onChange, ConnectionMultiplexer client)
    {
        _options = options;
        _purpose = purpose;
        _onChange = onChange;
        _client = client;
        Subscriber = client.GetSubscriber();
        _whole = Watch(client);
    }

    public ISubscriber Subscriber { get; private set; }

    public bool IsConnected => _client.IsConnected;

    /// <summary>It has lost a connection since it was opened, also when it has returned since.</summary>
    public bool HasBroken => _whole.HasBroken;

    /// <summary>Where Redis is, without passwords.</summary>
    public string Endpoints => string.Join(", ", _client.GetEndPoints().Select(EndPointText));

    /// <summary>Tries to reach Redis once, and goes on trying by itself.</summary>
    public static async Task<RedisLink> OpenAsync(RedisBrokerOptions options, string purpose, Action onChange) =>
        new(options, purpose, onChange, await ConnectAsync(options, purpose));

    public async Task RenewAsync()
    {
        Dispose();
        Take(await ConnectAsync(_options, _purpose));
    }

    /// <summary>
    /// Begins to open another client beside this one, which goes on trying to return. To open one where nobody listens may take as long as a connection may
    /// take: this is not to be waited for.
    /// </summary>
    public void BeginToSucceed() => _successor ??= ConnectAsync(_options, _purpose);

    /// <summary>Goes on with the other client where that has been opened.</summary>
    public async Task SucceedAsync()
    {
        if (_successor is { IsCompleted: true } successor)
        {
            _successor = null;
            Close(_client);
            Take(await successor);
        }
    }

    /// <summary>The link has returned by itself: the other client is closed once it is open, for which nobody waits.</summary>
    public void NeedsNoSuccessor()
    {
        _successor?.ContinueWith(opened => Close(opened.Result), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        _successor = null;
    }

    public void Dispose()
    {
        NeedsNoSuccessor();
        Close(_client);
    }

    // Not waiting for commands that are under way: version 1.2.6 fails at that where a server was lost.
    private static void Close(ConnectionMultiplexer client) => client.Close(allowCommandsToComplete: false);

    private static Task<ConnectionMultiplexer> ConnectAsync(RedisBrokerOptions options, string purpose)
    {
        var configuration = ConfigurationOptions.Parse(options.Configuration!);
        configuration.AbortOnConnectFail = false;
        configuration.ReconnectRetryPolicy = new LinearRetry((int)options.ReconnectInterval.TotalMilliseconds);
        configuration.ClientName = $"{configuration.ClientName ?? "messagebus"}-{purpose}";
        return ConnectionMultiplexer.ConnectAsync(configuration);
    }

    private static string EndPointText(System.Net.EndPoint endPoint) =>
        endPoint is System.Net.DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endPoint.ToString() ?? "";

    private void Take(ConnectionMultiplexer client)
    {
        _client = client;
        Subscriber = client.GetSubscriber();
        _whole = Watch(client);
    }

    /// <summary>Each client has a mark of its own, so that late news of the old one says nothing of the new one.</summary>
    private Whole Watch(ConnectionMultiplexer client)
    {
        var whole = new Whole();
        client.ConnectionRestored += (_, _) => _onChange();
        client.ConnectionFailed += (_, _) =>
        {
            // Any connection of the client counts, not only the one that subscribes: when its other one cannot return at once,
            // the client unsubscribes everything until it does.
            whole.HasBroken = true;
            _onChange();
        };
        return whole;
    }

    private sealed class Whole
    {
        private volatile bool _hasBroken;

        public bool HasBroken
        {
            get => _hasBroken;
            set => _hasBroken = value;
        }
    }
}
