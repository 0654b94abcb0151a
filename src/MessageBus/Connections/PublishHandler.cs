using MessageBus.Access;
using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Limits;
using MessageBus.Protocol;
using MessageBus.Publishing;

namespace MessageBus.Connections;

/// <summary>
/// <c>publish</c>. Several publishes of a connection are on their way to the broker at once, and are answered in the order they came. The broker is waited for
/// only where too many are on their way.
/// </summary>
internal sealed class PublishHandler(Publisher publisher, CommandRates rates) : ICommandHandler<PublishCommand>
{
    public ValueTask<CommandResult> HandleAsync(PublishCommand command, Connection connection)
    {
        if (!connection.Budget.TryPublish(rates, out var wait))
        {
            return new(CommandErrors.TooFast(rates.Publishes, "publications", channel: null, wait));
        }

        var decision = publisher.DecideAsync(command.Channel, connection.Identity.Caller);
        return decision.IsCompletedSuccessfully ? PublishAsync(command, connection, decision.Result) : PublishOnceDecidedAsync(command, connection, decision);
    }

    private async ValueTask<CommandResult> PublishOnceDecidedAsync(PublishCommand command, Connection connection, ValueTask<AccessDecision> decision) =>
        await PublishAsync(command, connection, await decision);

    private ValueTask<CommandResult> PublishAsync(PublishCommand command, Connection connection, AccessDecision decision)
    {
        if (decision is not AccessDecision.Allowed)
        {
            return new(CommandErrors.Of(decision, command.Channel));
        }

        if (command.Payload.Length > publisher.MaxPayloadBytes)
        {
            return new(new CommandError(ErrorCode.TooLarge, $"A payload is at most {publisher.MaxPayloadBytes} bytes."));
        }

        var publishing = publisher.PublishAsync(PublicationSource.Connection, command.Channel, command.Payload, CancellationToken.None);
        var taken = connection.Publishes.AddAsync(publishing, result => Answer(command, connection, result));
        return taken.IsCompletedSuccessfully ? new(CommandResult.Pending) : OnceTakenAsync(taken);
    }

    private static async ValueTask<CommandResult> OnceTakenAsync(Task taken)
    {
        await taken;
        return CommandResult.Pending;
    }

    private static void Answer(PublishCommand command, Connection connection, BrokerResult result)
    {
        if (result is not BrokerResult.Accepted)
        {
            connection.Complete(command, CommandErrors.Unavailable(channel: null));
            return;
        }

        connection.Complete(command);
        if (command.Id is not null)
        {
            connection.Send(new PublishCommand.Reply(command.Id));
        }
    }
}
