using MessageBus.Protocol;

namespace MessageBus.Connections;

/// <summary><c>ping</c>: the answer is all there is to it.</summary>
internal sealed class PingHandler : ICommandHandler<PingCommand>
{
    public ValueTask<CommandResult> HandleAsync(PingCommand command, Connection connection)
    {
        connection.Send(new PingCommand.Reply(command.Id));
        return default;
    }
}
