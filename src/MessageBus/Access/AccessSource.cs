using Microsoft.Extensions.Primitives;

namespace MessageBus.Access;

/// <summary>Where access options come from that have changed while the gateway runs.</summary>
/// <param name="Changes">Each gives a token for the next change.</param>
/// <param name="Read">The options as they are now. Throws where anything in them is wrong.</param>
internal sealed record AccessSource(IReadOnlyList<Func<IChangeToken>> Changes, Func<AccessOptions> Read);
