using MessageBus.Limits;
using MessageBus.Protocol;
using Microsoft.Extensions.Options;

namespace MessageBus.Connections;

internal sealed class SubscribeHandler(CommandRates rates, IOptions<MessageBusOptions> options) : ICommandHandler<SubscribeCommand>
{
    private readonly int _max = options.Value.MaxSubscriptionsPerConnection;

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
