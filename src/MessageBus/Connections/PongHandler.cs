using MessageBus.Protocol;

namespace MessageBus.Connections;

/// <summary><c>pong</c>: that it was heard is all there is to it.</summary>
internal sealed class PongHandler : ICommandHandler<PongCommand>
{
    public ValueTask<CommandResult> HandleAsync(PongCommand command, Connection connection) => default;
}
