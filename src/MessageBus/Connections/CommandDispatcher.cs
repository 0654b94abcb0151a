using MessageBus.Diagnostics;
using MessageBus.Limits;
using MessageBus.Protocol;

namespace MessageBus.Connections;

/// <summary>
/// Takes the commands of all connections to their handlers, those of one connection one at a time in the order they came, and counts what becomes of them.
/// </summary>
internal sealed class CommandDispatcher
{
    private readonly Dictionary<Type, CommandRegistration> _commands;
    private readonly CommandReader _reader;
    private readonly CommandRates _rates;

    public CommandDispatcher(IEnumerable<CommandRegistration> commands, CommandRates rates)
    {
        var all = commands.ToList();
        _commands = all.ToDictionary(command => command.Record);
        _reader = new CommandReader([.. all.Select(command => (command.Type, command.Read))]);
        _rates = rates;
        Results = new(all.Select(command => (command.Type, default(ErrorCode?))));
    }

    /// <summary>Commands by type, and by what came of them: null is that they were carried out. One that ends its connection counts as a close only.</summary>
    public Tally<(string Type, ErrorCode? Error)> Results { get; }

    /// <inheritdoc cref="CommandReader.Read(ReadOnlySpan{byte})"/>
    public Command? Read(ReadOnlySpan<byte> message) => _reader.Read(message);

    /// <summary>Carries out a command; null stands for a message that is none.</summary>
    public async Task DispatchAsync(Connection connection, Command? command)
    {
        if (command is null || (!connection.IsConnected && command is not ConnectCommand))
        {
            connection.Close(CloseReason.BadMessage);
        }
        else if (connection.IsExpired)
        {
            connection.Close(CloseReason.Unauthorized);
        }
        else if (await CarryOutAsync(connection, command) is { IsPending: false } result && (result.Error is not null || connection.CloseReason is null))
        {
            Complete(connection, command, result.Error);
        }
    }

    /// <summary>Counts what has become of a command, and tells the client where it was not carried out. Any thread.</summary>
    public void Complete(Connection connection, Command command, CommandError? error)
    {
        var type = _commands.GetValueOrDefault(command.GetType())?.Type ?? InvalidCommand.Label;
        if (error is null)
        {
            Results.Add((type, null));
        }
        else
        {
            Refuse(connection, type, command.Id, error);
        }
    }

    /// <summary>Counts that something was not done, and tells the client why. Any thread.</summary>
    public void Refuse(Connection connection, string type, int? id, CommandError error)
    {
        Results.Add((type, error.Code));
        connection.Send(new CommandError.Reply(id, error));
    }

    private ValueTask<CommandResult> CarryOutAsync(Connection connection, Command command)
    {
        switch (connection.Budget.ChargeCommand(_rates, out var wait))
        {
            case Payment.Overdrawn:
                connection.Close(CloseReason.RateLimited);
                return default;

            case Payment.OnCredit when !command.IsExemptFromRate:
                return new(CommandErrors.TooFast(_rates.Commands, "commands", command.ErrorChannel, wait));
        }

        return command is InvalidCommand invalid ? new(invalid.Error) : _commands[command.GetType()].HandleAsync(command, connection);
    }
}
