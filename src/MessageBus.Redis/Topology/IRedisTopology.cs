using MessageBus.Redis.Links;
using MessageBus.Redis.Settings;

namespace MessageBus.Redis.Topology;

/// <summary>Which of several Redis is the one to connect to. Asked by one loop at a time.</summary>
internal interface IRedisTopology : IAsyncDisposable
{
    /// <summary>Whether only a primary has the publications that others hear. In a cluster each node has them.</summary>
    bool NeedsPrimary { get; }

    /// <summary>Another primary is about to take over: what Redis takes in this moment may be heard by no one.</summary>
    bool IsMoving { get; }

    /// <summary>Why no address is known, where that is so.</summary>
    string? Problem { get; }

    /// <summary>The addresses to dial, the best first. Takes no longer than a second or so, whatever hangs.</summary>
    Task<IReadOnlyList<RedisAddress>> FindAsync(CancellationToken cancellationToken);

    /// <summary>Chooses among the pairs that are open, all of which have the right role. Null: it is better to wait for others for a moment.</summary>
    RedisPair? Choose(IReadOnlyList<RedisAddress> candidates, IReadOnlyList<RedisPair> open, bool haveAllAnswered, TimeSpan sinceFirst);

    /// <summary>Looks, each half second, whether the pair is still where it belongs, and doubts it where it is not.</summary>
    Task CheckAsync(RedisPair home, CancellationToken cancellationToken);

    /// <summary>Something has changed that a search should know of at once.</summary>
    event Action? Changed;
}
