namespace MessageBus.Limits;

/// <summary>How fast one connection may send. The same for all; what a connection has used of it stands in its <see cref="CommandBudget"/>.</summary>
internal sealed class CommandRates(LimitOptions limits, TimeProvider time)
{
    public Rate Commands { get; } = new(limits.MaxCommandsPerSecond, limits.CommandBurst, time);

    public Rate Publishes { get; } = new(limits.MaxPublishesPerSecond, burst: limits.MaxPublishesPerSecond, time);

    /// <summary>All that a connection may hold at once, then so many a second.</summary>
    public Rate Subscribes { get; } = new(limits.MaxSubscribesPerSecond, burst: limits.MaxSubscriptionsPerConnection, time);
}
