using System.Text;
using MessageBus.EmbeddedRedis.PubSub;
using MessageBus.EmbeddedRedis.Resp;

namespace MessageBus.EmbeddedRedis.Commands;

/// <summary>
/// PING, ECHO, HELLO, AUTH, SELECT, RESET. There are no passwords here: AUTH answers as a Redis without any.
/// https://redis.io/docs/latest/commands/?group=connection
/// </summary>
internal sealed class ConnectionCommands(PubSubTable table)
{
    private const int Databases = 16;

    public IEnumerable<Command> All =>
    [
        new("ping", -1, Ping, WhileSubscribed: true),
        new("echo", 2, (client, arguments) => client.Reply.Bulk(arguments[1])),
        new("hello", -1, Hello),
        new("auth", -2, Authenticate),
        new("select", 2, Select),
        new("reset", 1, Reset, WhileSubscribed: true),
    ];

    // PING [message]: to a subscribed RESP2 client an array, since it expects nothing else.
    private static void Ping(ClientState client, byte[][] arguments)
    {
        if (arguments.Length > 2)
        {
            client.Reply.Error(ErrorText.WrongArity("ping"));
        }
        else if (client.Reply.Version == RespVersion.Resp2 && client.Subscriber.Count > 0)
        {
            client.Reply.Array(2);
            client.Reply.Bulk("pong");
            client.Reply.Bulk(arguments is [_, var message] ? message : []);
        }
        else if (arguments is [_, var message])
        {
            client.Reply.Bulk(message);
        }
        else
        {
            client.Reply.SimpleString("PONG");
        }
    }

    // HELLO [protover [AUTH username password] [SETNAME clientname]]: all or nothing.
    private static void Hello(ClientState client, byte[][] arguments)
    {
        var version = client.Reply.Version;
        if (arguments.Length > 1)
        {
            if (!RespInteger.TryParse(arguments[1], out var wanted))
            {
                client.Reply.Error("ERR Protocol version is not an integer or out of range");
                return;
            }

            version = (RespVersion)wanted;
            if (wanted is not (2 or 3))
            {
                client.Reply.Error("NOPROTO unsupported protocol version");
                return;
            }
        }

        byte[]? user = null, name = null;
        for (var i = 2; i < arguments.Length; i++)
        {
            var option = Encoding.Latin1.GetString(arguments[i]);
            if (option.Equals("AUTH", StringComparison.OrdinalIgnoreCase) && i + 2 < arguments.Length)
            {
                user = arguments[i + 1];
                i += 2;
            }
            else if (option.Equals("SETNAME", StringComparison.OrdinalIgnoreCase) && i + 1 < arguments.Length)
            {
                name = arguments[++i];
            }
            else
            {
                client.Reply.Error($"ERR Syntax error in HELLO option '{ErrorText.Quoted(arguments[i], int.MaxValue)}'");
                return;
            }
        }

        if (user is not null && !IsDefaultUser(user))
        {
            client.Reply.Error(ErrorText.WrongPassword);
            return;
        }

        if (name is not null && !ClientCommands.TrySetName(client, name))
        {
            client.Reply.Error(ErrorText.BadClientName);
            return;
        }

        client.Speak(version);
        Welcome(client);
    }

    private static void Welcome(ClientState client)
    {
        var reply = client.Reply;
        reply.Map(7);
        reply.Bulk("server");
        reply.Bulk("redis");
        reply.Bulk("version");
        reply.Bulk(ServerFacts.RedisVersion);
        reply.Bulk("proto");
        reply.Integer((int)reply.Version);
        reply.Bulk("id");
        reply.Integer(client.Id);
        reply.Bulk("mode");
        reply.Bulk("standalone");
        reply.Bulk("role");
        reply.Bulk("master");
        reply.Bulk("modules");
        reply.Array(0);
    }

    // AUTH [username] password
    private static void Authenticate(ClientState client, byte[][] arguments)
    {
        switch (arguments)
        {
            case [_, _]:
                client.Reply.Error(
                    "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?");
                break;
            case [_, var user, _] when IsDefaultUser(user):
                client.Reply.SimpleString("OK");
                break;
            case [_, _, _]:
                client.Reply.Error(ErrorText.WrongPassword);
                break;
            default:
                client.Reply.Error(ErrorText.Syntax);
                break;
        }
    }

    // The default user has no password, so any is right.
    private static bool IsDefaultUser(byte[] user) => user.AsSpan().SequenceEqual("default"u8);

    // SELECT index: nothing is stored, so all databases are the same; publications cross them in Redis too.
    private static void Select(ClientState client, byte[][] arguments)
    {
        if (!RespInteger.TryParse(arguments[1], out var index))
        {
            client.Reply.Error(ErrorText.NotAnInteger);
        }
        else if (index is < int.MinValue or > int.MaxValue)
        {
            client.Reply.Error(ErrorText.NotAnInt32);
        }
        else if (index is < 0 or >= Databases)
        {
            client.Reply.Error("ERR DB index is out of range");
        }
        else
        {
            client.Database = (int)index;
            client.Reply.SimpleString("OK");
        }
    }

    private void Reset(ClientState client, byte[][] arguments)
    {
        table.Forget(client.Subscriber);
        client.Speak(RespVersion.Resp2);
        client.Name = [];
        client.Database = 0;
        client.Reply.SimpleString("RESET");
    }
}
