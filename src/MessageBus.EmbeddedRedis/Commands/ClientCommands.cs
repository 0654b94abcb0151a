using System.Text;

namespace MessageBus.EmbeddedRedis.Commands;

/// <summary>CLIENT SETNAME, GETNAME, SETINFO, ID, INFO: what client libraries say and ask about themselves. https://redis.io/docs/latest/commands/client/</summary>
internal sealed class ClientCommands(ServerFacts facts)
{
    public IEnumerable<Command> All =>
    [
        new("client", -2, (_, _) => { }),
        new("client|setname", 3, SetName),
        new("client|getname", 2, GetName),
        new("client|setinfo", 4, SetInfo),
        new("client|id", 2, (client, _) => client.Reply.Integer(client.Id)),
        new("client|info", 2, (client, _) => client.Reply.Verbatim(Describe(client))),
    ];

    /// <summary>name = *%x21-7E; the empty one means none. False if it is not that.</summary>
    public static bool TrySetName(ClientState client, byte[] name)
    {
        if (name.AsSpan().ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            return false;
        }

        client.Name = name;
        return true;
    }

    private static void SetName(ClientState client, byte[][] arguments)
    {
        if (TrySetName(client, arguments[2]))
        {
            client.Reply.SimpleString("OK");
        }
        else
        {
            client.Reply.Error(ErrorText.BadClientName);
        }
    }

    private static void GetName(ClientState client, byte[][] arguments)
    {
        if (client.Name.Length == 0)
        {
            client.Reply.Null();
        }
        else
        {
            client.Reply.Bulk(client.Name);
        }
    }

    // CLIENT SETINFO (LIB-NAME | LIB-VER) value: newer than the version we name, but libraries send it unasked. The value is not used.
    private static void SetInfo(ClientState client, byte[][] arguments)
    {
        if (Encoding.Latin1.GetString(arguments[2]).ToUpperInvariant() is "LIB-NAME" or "LIB-VER")
        {
            client.Reply.SimpleString("OK");
        }
        else
        {
            client.Reply.Error($"ERR Unrecognized option '{ErrorText.Quoted(arguments[2])}'");
        }
    }

    private string Describe(ClientState client)
    {
        var subscriber = client.Subscriber;
        return $"id={client.Id} {client.Addresses} name={Encoding.Latin1.GetString(client.Name)} age={facts.SecondsSince(client.ArrivedAt)} idle=0 "
            + $"flags={(subscriber.Count > 0 ? 'P' : 'N')} db={client.Database} sub={subscriber.Channels.Count} psub={subscriber.Patterns.Count} ssub=0 "
            + $"multi=-1 cmd=client|info user=default redir=-1 resp={(int)client.Reply.Version}\n";
    }
}
