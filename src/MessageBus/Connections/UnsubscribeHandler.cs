using MessageBus.Protocol;

namespace MessageBus.Connections;

internal sealed class UnsubscribeHandler : ICommandHandler<UnsubscribeCommand>
{
    public ValueTask<CommandResult> HandleAsync(UnsubscribeCommand command, Connection connection) =>
        connection.Subscriptions.TryRemove(command.Id, command.Channel)
            ? default
            : new(new CommandError(ErrorCode.NotSubscribed, "This connection has no subscription to the channel.", command.Channel.Value));
}
