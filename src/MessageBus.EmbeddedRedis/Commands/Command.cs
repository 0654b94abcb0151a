
namespace MessageBus.EmbeddedRedis.Commands;

/// <summary>Executes a command whose name and number of arguments are right; the name is the first of <paramref name="arguments"/>.</summary>
internal delegate void CommandHandler(ClientState client, byte[][] arguments);

/// <summary>A command, or a subcommand such as <c>client|id</c>. https://redis.io/docs/latest/commands/command/</summary>
/// <param name="Name">In lower case, as error texts have it.</param>
/// <param name="Arity">The number of arguments, the name included; -n = at least n.</param>
/// <param name="Handler">What it does.</param>
/// <param name="WhileSubscribed">Whether a RESP2 client may use it while it is subscribed to something.</param>
internal sealed record Command(string Name, int Arity, CommandHandler Handler, bool WhileSubscribed = false)
{
    public bool Takes(int count) => Arity >= 0 ? count == Arity : count >= -Arity;
}
