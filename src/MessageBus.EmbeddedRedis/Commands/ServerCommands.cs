using System.Text;
using MessageBus.EmbeddedRedis.PubSub;

namespace MessageBus.EmbeddedRedis.Commands;

/// <summary>INFO and COMMAND: what clients ask before they begin. https://redis.io/docs/latest/commands/?group=server</summary>
internal sealed class ServerCommands(PubSubTable table, BrokerBridge bridge, ServerFacts facts, Func<int> commandCount)
{
    public IEnumerable<Command> All =>
    [
        new("info", -1, DescribeServer),
        // No descriptions: clients take that as a server that has none to offer, and redis-cli goes without hints.
        new("command", -1, (client, _) => client.Reply.Array(0)),
        new("command|count", 2, (client, _) => client.Reply.Integer(commandCount())),
        new("command|docs", -2, (client, _) => client.Reply.Map(0)),
        new("command|info", -2, DescribeCommands),
    ];

    // INFO [section ...]
    private void DescribeServer(ClientState client, byte[][] arguments)
    {
        var wanted = arguments.Skip(1).Select(Encoding.Latin1.GetString).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var all = wanted.Count == 0 || wanted.Overlaps(["default", "all", "everything"]);
        client.Reply.Verbatim(string.Join("\r\n", Sections()
            .Where(section => all || wanted.Contains(section.Name))
            .Select(section => $"# {section.Name}\r\n{string.Concat(section.Lines.Select(line => line + "\r\n"))}")));
    }

    private IEnumerable<(string Name, string[] Lines)> Sections() =>
    [
        ("Server",
        [
            $"redis_version:{ServerFacts.RedisVersion}",
            "redis_mode:standalone",
            "server_name:messagebus",
            $"os:{Environment.OSVersion}",
            $"arch_bits:{8 * IntPtr.Size}",
            $"process_id:{Environment.ProcessId}",
            $"run_id:{facts.RunId}",
            $"tcp_port:{facts.Port}",
            $"uptime_in_seconds:{facts.UptimeSeconds}",
        ]),
        ("Clients", [$"connected_clients:{facts.Clients}", "cluster_connections:0", "blocked_clients:0"]),
        ("Persistence", ["loading:0", "rdb_changes_since_last_save:0", "aof_enabled:0"]),
        ("Stats",
        [
            $"total_connections_received:{facts.ClientsSeen}",
            $"pubsub_channels:{bridge.Channels().Count}",
            $"pubsub_patterns:{table.PatternCount}",
        ]),
        ("Replication", ["role:master", "connected_slaves:0", "master_failover_state:no-failover"]),
        ("Cluster", ["cluster_enabled:0"]),
        ("Keyspace", []),
    ];

    // COMMAND INFO [command ...]: a null for each that the server does not know, which is as good as not telling.
    private static void DescribeCommands(ClientState client, byte[][] arguments)
    {
        client.Reply.Array(arguments.Length - 2);
        for (var i = 2; i < arguments.Length; i++)
        {
            client.Reply.Null();
        }
    }
}
