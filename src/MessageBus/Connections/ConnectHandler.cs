using MessageBus.Access;
using MessageBus.Limits;
using MessageBus.Protocol;

namespace MessageBus.Connections;

/// <summary><c>connect</c>: finds out who the connection is, and begins the subscriptions that it asks for and those that the operator gives.</summary>
internal sealed class ConnectHandler(TokenAuthentication authentication, ChannelAccess access, LimitOptions limits) : ICommandHandler<ConnectCommand>
{
    private readonly CommandLimits _commandLimits = new(
        limits.MaxCommandsPerSecond, limits.CommandBurst, limits.MaxPublishesPerSecond, limits.MaxSubscribesPerSecond, limits.MaxSubscriptionsPerConnection);

    public async ValueTask<CommandResult> HandleAsync(ConnectCommand command, Connection connection)
    {
        if (connection.IsConnected)
        {
            return new CommandError(ErrorCode.UnknownType, "This connection is connected already: connect is the first message and comes once.");
        }

        if (await authentication.AuthenticateAsync(connection.Identity, command.Token) is not { } identity)
        {
            connection.Close(CloseReason.Unauthorized);
            return default;
        }

        // It may be known only now who this is.
        connection.Identity = identity;
        if (!connection.Lease.TryChangeUser(identity.User))
        {
            connection.Close(CloseReason.RateLimited);
            return default;
        }

        connection.Connect(new ConnectCommand.Reply(
            command.Id, identity.Id, identity.User, limits.PingInterval, limits.MaxMessageBytes, connection.ExpiresInSeconds, _commandLimits));

        // All channels are asked for before the first answer is awaited: a client that returns with many of them waits for one round trip.
        // Those that the operator gives come first, so that a client cannot crowd them out; of too many of them, the first one is answered.
        var max = limits.MaxSubscriptionsPerConnection;
        var automatic = access.Policy.AutomaticChannels(identity.Caller).Take(max + 1).Select(channel => channel.Value);
        var wanted = new HashSet<string>();
        var subscribing = new List<Task>();
        foreach (var channel in automatic.Concat(command.Subscriptions))
        {
            if (wanted.Add(channel))
            {
                subscribing.Add(SubscribeAsync(connection, channel, isTooMany: wanted.Count > max));
            }
        }

        connection.Loop.WakeUp();
        await Task.WhenAll(subscribing);
        return default;
    }

    /// <summary>A subscription of a connect, which is done although this is refused.</summary>
    private async Task SubscribeAsync(Connection connection, string channel, bool isTooMany)
    {
        var error = !ChannelName.TryParse(channel, out var name, out var problem) ? new CommandError(ErrorCode.BadChannel, problem, channel)
            : isTooMany ? CommandErrors.TooManySubscriptions(name, limits.MaxSubscriptionsPerConnection)
            : await connection.Subscriptions.AddAsync(id: null, name);
        if (error is not null)
        {
            connection.Refuse(SubscribeCommand.Type, error);
        }
    }
}
