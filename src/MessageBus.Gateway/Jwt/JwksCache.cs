using MessageBus.Gateway.Jwt.Keys;

namespace MessageBus.Gateway.Jwt;

/// <summary>
/// The keys that an issuer publishes at one address, fixed in the configuration. While its server is away, or answers nonsense, the keys that were fetched
/// before stay. Any thread. IdentityModel's ConfigurationManager is not used: before its first success it fetches for each token anew, and a token with a
/// new key is refused while it fetches.
/// </summary>
internal sealed partial class JwksCache(KeySource source, HttpClient http, TimeProvider time, ILogger logger)
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
    private volatile IssuerKeys _current = IssuerKeys.None;
    private bool _isFailing;

    public KeySource Source { get; } = source;

    /// <summary>What was fetched last; none before the first fetch.</summary>
    public IssuerKeys Current => _current;

    /// <summary>Begins to fetch them anew where they are old. Nobody waits for that.</summary>
    public void RenewIfOld() => BeginFetch(MaxAge);

    /// <summary>Fetches them anew, unless that was tried a short time ago. Ends when it is done; never fails.</summary>
    public Task RefreshAsync() => BeginFetch(_current.Keys.Count is 0 ? FirstInterval : MinInterval);

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
            _current = await IssuerKeys.FetchAsync(Source, http);
            _isFailing = false;
            LogFetched(Source.Address, _current.Keys.Count);
        }
        catch (Exception e) when (e is HttpRequestException or FormatException or OperationCanceledException)
        {
            if (!_isFailing)
            {
                LogFailed(Source.Address, e.Message, _current.Keys.Count);
            }

            _isFailing = true;
        }
    }
}
