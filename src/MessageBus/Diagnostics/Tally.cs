using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace MessageBus.Diagnostics;

/// <summary>
/// Counts by tag, from any thread. Tags that are known beforehand stand at zero from the start, so that a rate can be taken of their first event.
/// The tags must be few: each one is kept.
/// </summary>
internal sealed class Tally<TTag>(params IEnumerable<TTag> known)
    where TTag : notnull
{
    private readonly ConcurrentDictionary<TTag, StrongBox<long>> _counts = new(known.Select(tag => KeyValuePair.Create(tag, new StrongBox<long>())));

    public void Add(TTag tag, long count = 1) => Interlocked.Add(ref _counts.GetOrAdd(tag, static _ => new StrongBox<long>()).Value, count);

    public IEnumerable<KeyValuePair<TTag, long>> Counts => _counts.Select(pair => KeyValuePair.Create(pair.Key, Interlocked.Read(ref pair.Value.Value)));

    public long Total => Counts.Sum(pair => pair.Value);
}
