using MessageBus.Protocol;

namespace MessageBus.Connections;

internal sealed class RefreshHandler(TokenAuthentication authentication) : ICommandHandler<RefreshCommand>
{
    public async ValueTask<CommandResult> HandleAsync(RefreshCommand command, Connection connection)
    {
        var (identity, error) = await authentication.RefreshAsync(connection.Identity, command.Token);
        if (identity is null)
        {
            return error;
        }

        connection.Identity = identity;

        // The new token may have fewer rights. What they no longer cover has ended when the client hears that it was refreshed.
        await connection.Subscriptions.ReviewAsync();
        if (command.Id is not null)
        {
            connection.Send(new RefreshCommand.Reply(command.Id, connection.ExpiresInSeconds));
        }

        return default;
    }
}
