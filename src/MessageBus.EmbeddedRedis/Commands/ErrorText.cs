using System.Text;

namespace MessageBus.EmbeddedRedis.Commands;

/// <summary>Error texts of Redis 7 that more than one place needs. Clients branch on some of them, so they are the same to the byte.</summary>
internal static class ErrorText
{
    public const string NotAnInteger = "ERR value is not an integer or out of range";
    public const string NotAnInt32 = "ERR value is out of range, value must between -2147483648 and 2147483647";
    public const string Syntax = "ERR syntax error";
    public const string WrongPassword = "WRONGPASS invalid username-password pair or user is disabled.";
    public const string BadClientName = "ERR Client names cannot contain spaces, newlines or special characters.";

    /// <summary>How much of what the client sent is repeated to it.</summary>
    private const int QuotedBytes = 128;

    public static string WrongArity(string name) => $"ERR wrong number of arguments for '{name}' command";

    public static string UnknownSubcommand(byte[] container, byte[] subcommand) =>
        $"ERR unknown subcommand '{Quoted(subcommand)}'. Try {Quoted(container).ToUpperInvariant()} HELP.";

    public static string NotWhileSubscribed(string name) =>
        $"ERR Can't execute '{name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context";

    public static string UnknownCommand(byte[][] arguments)
    {
        var rest = new StringBuilder();
        for (var i = 1; i < arguments.Length && rest.Length < QuotedBytes; i++)
        {
            var room = QuotedBytes - rest.Length;
            rest.Append('\'').Append(Quoted(arguments[i], room)).Append("' ");
        }

        return $"ERR unknown command '{Quoted(arguments[0])}', with args beginning with: {rest}";
    }

    /// <summary>What a client sent, as Redis repeats it: up to the first NUL, and not all of it.</summary>
    public static string Quoted(ReadOnlySpan<byte> sent, int limit = QuotedBytes)
    {
        var end = sent.IndexOf((byte)0);
        var text = end < 0 ? sent : sent[..end];
        return Encoding.Latin1.GetString(text[..Math.Min(text.Length, limit)]);
    }
}
