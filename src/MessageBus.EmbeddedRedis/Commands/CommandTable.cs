using System.Text;
using MessageBus.EmbeddedRedis.PubSub;
using MessageBus.EmbeddedRedis.Resp;

namespace MessageBus.EmbeddedRedis.Commands;

/// <summary>The commands there are, and the checks that come before each: in Redis' order, with its texts (server.c, processCommand).</summary>
internal sealed class CommandTable
{
    private const int LongestName = 32;

    private readonly Dictionary<string, Command> _commands = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _containers = new(StringComparer.OrdinalIgnoreCase);

    public CommandTable(PubSubTable table, BrokerBridge bridge, ServerFacts facts)
    {
        Add(new ConnectionCommands(table).All);
        Add(new ClientCommands(facts).All);
        Add(new PubSubCommands(table, bridge).All);
        Add(new ServerCommands(table, bridge, facts, () => _commands.Values.Count(command => !command.Name.Contains('|'))).All);
    }

    public void Execute(ClientState client, byte[][] arguments)
    {
        var name = Text(arguments[0]);

        // QUIT takes anything, and words that begin HTTP requests end the conversation, whatever follows them.
        switch (name.ToUpperInvariant())
        {
            case "QUIT":
                client.Reply.SimpleString("OK");
                client.Close();
                return;
            case "POST" or "HOST:":
                client.CloseAsHttp();
                return;
        }

        if (Refusal(client, name, arguments, out var command) is { } refusal)
        {
            client.Reply.Error(refusal);
            return;
        }

        command!.Handler(client, arguments);
    }

    private string? Refusal(ClientState client, string name, byte[][] arguments, out Command? command)
    {
        if (!_commands.TryGetValue(name, out command))
        {
            return ErrorText.UnknownCommand(arguments);
        }

        if (arguments.Length > 1 && _containers.Contains(name) && !_commands.TryGetValue($"{name}|{Text(arguments[1])}", out command))
        {
            return ErrorText.UnknownSubcommand(arguments[0], arguments[1]);
        }

        if (!command.Takes(arguments.Length))
        {
            return ErrorText.WrongArity(command.Name);
        }

        return client.Reply.Version == RespVersion.Resp2 && client.Subscriber.Count > 0 && !command.WhileSubscribed
            ? ErrorText.NotWhileSubscribed(command.Name)
            : null;
    }

    private void Add(IEnumerable<Command> commands)
    {
        foreach (var command in commands)
        {
            _commands.Add(command.Name, command);
            if (command.Name.IndexOf('|') is > 0 and var end)
            {
                _containers.Add(command.Name[..end]);
            }
        }
    }

    private static string Text(byte[] word) => word.Length <= LongestName && !word.Contains((byte)'|') ? Encoding.Latin1.GetString(word) : "";
}
