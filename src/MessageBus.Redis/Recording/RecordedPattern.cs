namespace MessageBus.Redis.Recording;

/// <summary>How much of a channel is kept: at most so many messages, none older than the age.</summary>
internal sealed record HistoryBounds(int Size, TimeSpan Age);

/// <summary>One rule as the recorder sees it, in the order of the rules.</summary>
/// <param name="Pattern">As it stands in the rule.</param>
/// <param name="Glob">What Redis is subscribed to: a pattern of Redis, which may match more than the rule, or a name where the rule has no wildcard.</param>
/// <param name="IsLiteral">Whether <paramref name="Glob"/> is a name.</param>
/// <param name="Matches">Whether the rule is about the channel, whoever the client is.</param>
/// <param name="Bounds">Null for a rule without history.</param>
internal sealed record RecordedPattern(string Pattern, string Glob, bool IsLiteral, Func<string, bool> Matches, HistoryBounds? Bounds);
