using MessageBus.Redis.Links;
using MessageBus.Redis.Settings;
using Microsoft.Extensions.Logging;

namespace MessageBus.Redis.Topology;

/// <summary>
/// One server or a list of them, without anything that watches over them: the primary is the one that says it is. What replicas say of their primary is not
/// followed: the list is what the operator allows.
/// </summary>
internal sealed partial class NamedServers(RedisSettings settings, TimeProvider time, ILogger logger) : IRedisTopology
{
    /// <summary>How long after the first primary another may answer.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan NameInterval = TimeSpan.FromSeconds(5);

    /// <summary>Answers of a name server without our address that count as a move: some give a part of them in turn.</summary>
    private const int AbsentBeforeMove = 3;

    private readonly NameResolution _names = new(time);
    private readonly ILogger _logger = logger;
    private long? _lookedAt;
    private int _absent;
    private string? _toldOf;

    public event Action? Changed
    {
        add { }
        remove { }
    }

    public bool NeedsPrimary => true;

    public bool IsMoving => false;

    public string? Problem { get; private set; }

    public async Task<IReadOnlyList<RedisAddress>> FindAsync(CancellationToken cancellationToken)
    {
        var found = await _names.ResolveAsync(settings.Servers, cancellationToken);
        Problem = found.Count is 0 ? "the name cannot be resolved" : null;
        _absent = 0;
        return found;
    }

    public RedisPair? Choose(IReadOnlyList<RedisAddress> candidates, IReadOnlyList<RedisPair> open, bool haveAllAnswered, TimeSpan sinceFirst)
    {
        if (!haveAllAnswered && sinceFirst < Grace)
        {
            return null;
        }

        var order = candidates.ToList();
        var best = open.OrderByDescending(pair => pair.Role is { Replicas: > 0 }).ThenBy(pair => order.IndexOf(pair.Address)).First();
        var primaries = open.Select(pair => pair.Address).Distinct().ToList();
        if (primaries.Count > 1 && settings.Servers.Count > 1 && string.Join(", ", primaries.Select(one => one.ToString()).Order()) is var text && text != _toldOf)
        {
            _toldOf = text;
            LogTwoPrimaries(text, best.Address);
        }

        return best;
    }

    public async Task CheckAsync(RedisPair home, CancellationToken cancellationToken)
    {
        if (home.Address.Name is null || (_lookedAt is { } last && time.GetElapsedTime(last) < NameInterval))
        {
            return;
        }

        _lookedAt = time.GetTimestamp();
        var found = await _names.ResolveAsync(settings.Servers, cancellationToken);
        _absent = found.Contains(home.Address) ? 0 : _absent + 1;
        if (_absent >= AbsentBeforeMove)
        {
            home.Doubt($"the name {home.Address.Name} no longer means {home.Address}");
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [LoggerMessage(Level = LogLevel.Warning, Message = "More than one Redis of the list says that it is the primary: {Primaries}. The gateway uses {Chosen}.")]
    private partial void LogTwoPrimaries(string primaries, RedisAddress chosen);
}
