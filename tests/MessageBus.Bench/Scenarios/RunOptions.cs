namespace MessageBus.Bench.Scenarios;

/// <param name="Seconds">How long one case of a flow is measured.</param>
/// <param name="Repeat">Rounds; the report has their median.</param>
/// <param name="Quick">A tenth of the connections, and a second a case: shows that all works, not how fast.</param>
/// <param name="Gateway">Another build of MessageBus.Gateway.dll to measure as ours.</param>
internal sealed record RunOptions(double Seconds, int Repeat, bool Quick, string? Gateway);
