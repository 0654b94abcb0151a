using MessageBus.Protocol;

namespace MessageBus.Connections;

/// <summary>Carries out the commands of one type, for all connections: what belongs to one connection is kept there.</summary>
internal interface ICommandHandler<in TCommand>
    where TCommand : Command
{
    /// <summary>
    /// Carries out one command, and sends its reply where it succeeds. The connection's next command waits until this has ended.
    /// An exception closes the connection with <see cref="CloseReason.Internal"/>.
    /// </summary>
    ValueTask<CommandResult> HandleAsync(TCommand command, Connection connection);
}

/// <summary>What came of a command.</summary>
/// <param name="Error">Why it was not carried out; null where it was.</param>
/// <param name="IsPending">It is under way, and its handler tells <see cref="Connection.Complete"/> when it has ended. The next command does not wait for that.</param>
internal readonly record struct CommandResult(CommandError? Error, bool IsPending = false)
{
    public static readonly CommandResult Pending = new(Error: null, IsPending: true);

    public static implicit operator CommandResult(CommandError? error) => new(error);
}
