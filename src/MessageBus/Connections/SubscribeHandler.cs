using MessageBus.Limits;
using MessageBus.Protocol;

namespace MessageBus.Connections;

internal sealed class SubscribeHandler(CommandRates rates, LimitOptions limits) : ICommandHandler<SubscribeCommand>
{
    private readonly int _max = limits.MaxSubscriptionsPerConnection;

    public async ValueTask<CommandResult> HandleAsync(SubscribeCommand command, Connection connection)
    {
        var (id, channel) = (command.Id, command.Channel);
        if (connection.Subscriptions.TryConfirm(id, channel))
        {
            return default;
        }

        if (connection.Subscriptions.Count >= _max)
        {
            return CommandErrors.TooManySubscriptions(channel, _max);
        }

        return connection.Budget.TrySubscribe(rates, out var wait)
            ? await connection.Subscriptions.AddAsync(id, channel)
            : CommandErrors.TooFast(rates.Subscribes, "new subscriptions", channel, wait);
    }
}
