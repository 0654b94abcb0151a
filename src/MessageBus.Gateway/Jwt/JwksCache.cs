using MessageBus.Gateway.Jwt.Keys;

namespace MessageBus.Gateway.Jwt;

/// <summary>
/// The keys that an issuer publishes at one address, fixed in the configuration. While its server is away, or answers nonsense, the keys that were fetched
/// before stay. Any thread.
/// </summary>
internal sealed partial class JwksCache(Uri address, HttpClient http, TimeProvider time, ILogger logger)
{
    /// <summary>An unknown key is looked for no more often than this, however many tokens name one.</summary>
    public static readonly TimeSpan MinInterval = TimeSpan.FromMinutes(1);

    /// <summary>After this, keys are fetched again although all are known: one that the issuer has withdrawn is to go.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    // Before anything was ever fetched nobody can get in; waiting a minute then would be too long.
    private static readonly TimeSpan FirstInterval = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = logger;

    // Guards _fetching and _lastTry.
    private readonly Lock _gate = new();
    private Task _fetching = Task.CompletedTask;
    private long? _lastTry;
    private volatile IReadOnlyList<VerificationKey> _keys = [];
    private bool _isFailing;

    public Uri Address { get; } = address;

    /// <summary>The keys as they are now; none before the first fetch.</summary>
    public IReadOnlyList<VerificationKey> Keys => _keys;

    /// <summary>Begins to fetch them anew where they are old. Nobody waits for that.</summary>
    public void RenewIfOld() => BeginFetch(MaxAge);

    /// <summary>Fetches them anew, unless that was tried a short time ago. Ends when it is done; never fails.</summary>
    public Task RefreshAsync() => BeginFetch(_keys.Count is 0 ? FirstInterval : MinInterval);

    private Task BeginFetch(TimeSpan minInterval)
    {
        lock (_gate)
        {
            if (_fetching.IsCompleted && (_lastTry is not { } last || time.GetElapsedTime(last) >= minInterval))
            {
                _lastTry = time.GetTimestamp();
                _fetching = FetchAsync();
            }

            return _fetching;
        }
    }

    private async Task FetchAsync()
    {
        // Nothing of it runs under the lock.
        await Task.Yield();
        try
        {
            // The client bounds the time and the size, and follows no redirection.
            var keys = JsonWebKeySet.Parse(await http.GetByteArrayAsync(Address));
            _keys = keys;
            _isFailing = false;
            LogFetched(Address, keys.Count);
        }
        catch (Exception e) when (e is HttpRequestException or FormatException or OperationCanceledException)
        {
            if (!_isFailing)
            {
                LogFailed(Address, e.Message, _keys.Count);
            }

            _isFailing = true;
        }
    }
}
