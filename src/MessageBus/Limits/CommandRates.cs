namespace MessageBus.Limits;

/// <summary>How fast one connection may send. The same for all; what a connection has used of it stands in its <see cref="CommandBudget"/>.</summary>
internal sealed class CommandRates(MessageBusOptions options, TimeProvider time)
{
    public Rate Commands { get; } = new(options.MaxCommandsPerSecond, options.CommandBurst, time);

    public Rate Publishes { get; } = new(options.MaxPublishesPerSecond, burst: options.MaxPublishesPerSecond, time);

    /// <summary>All that a connection may hold at once, then so many a second.</summary>
    public Rate Subscribes { get; } = new(options.MaxSubscribesPerSecond, burst: options.MaxSubscriptionsPerConnection, time);
}
