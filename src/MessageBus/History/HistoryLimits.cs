namespace MessageBus.History;

/// <summary>How much and how long the gateway does for history.</summary>
/// <param name="MaxCatchUp">Messages of one catch-up.</param>
/// <param name="MaxCatchUpBytes">Their payloads.</param>
/// <param name="JoinTimeout">How long a subscription may wait until it is known what it has missed.</param>
/// <param name="Retry">The pause after a read that was not answered.</param>
internal sealed record HistoryLimits(int MaxCatchUp, long MaxCatchUpBytes, TimeSpan JoinTimeout, TimeSpan Retry);
