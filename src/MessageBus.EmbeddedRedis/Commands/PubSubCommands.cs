using MessageBus.EmbeddedRedis.PubSub;

namespace MessageBus.EmbeddedRedis.Commands;

/// <summary>PUBLISH, the four ways to subscribe and unsubscribe, PUBSUB. https://redis.io/docs/latest/commands/?group=pubsub</summary>
internal sealed class PubSubCommands(PubSubTable table, BrokerBridge bridge)
{
    public IEnumerable<Command> All =>
    [
        new("publish", 3, (client, arguments) => client.Reply.Integer(bridge.Publish(arguments[1], arguments[2]))),
        new("subscribe", -2, (client, arguments) => Subscribe(client, SubscriptionKind.Channel, arguments), WhileSubscribed: true),
        new("psubscribe", -2, (client, arguments) => Subscribe(client, SubscriptionKind.Pattern, arguments), WhileSubscribed: true),
        new("unsubscribe", -1, (client, arguments) => Unsubscribe(client, SubscriptionKind.Channel, arguments), WhileSubscribed: true),
        new("punsubscribe", -1, (client, arguments) => Unsubscribe(client, SubscriptionKind.Pattern, arguments), WhileSubscribed: true),
        new("pubsub", -2, (_, _) => { }),
        new("pubsub|channels", -2, Channels),
        new("pubsub|numsub", -2, SubscriberCounts),
        new("pubsub|numpat", 2, (client, _) => client.Reply.Integer(table.PatternCount)),
    ];

    private void Subscribe(ClientState client, SubscriptionKind kind, byte[][] arguments)
    {
        foreach (var name in arguments.AsSpan(1))
        {
            table.Subscribe(client.Subscriber, kind, name);
        }
    }

    private void Unsubscribe(ClientState client, SubscriptionKind kind, byte[][] arguments)
    {
        if (arguments.Length == 1)
        {
            table.UnsubscribeAll(client.Subscriber, kind);
        }

        foreach (var name in arguments.AsSpan(1))
        {
            table.Unsubscribe(client.Subscriber, kind, name);
        }
    }

    // PUBSUB CHANNELS [pattern]
    private void Channels(ClientState client, byte[][] arguments)
    {
        if (arguments.Length > 3)
        {
            client.Reply.Error(
                $"ERR unknown subcommand or wrong number of arguments for '{ErrorText.Quoted(arguments[1])}'. Try PUBSUB HELP.");
            return;
        }

        var channels = bridge.Channels().Where(channel => arguments is not [_, _, var pattern] || GlobPattern.Matches(pattern, channel)).ToList();
        client.Reply.Array(channels.Count);
        foreach (var channel in channels)
        {
            client.Reply.Bulk(channel);
        }
    }

    // PUBSUB NUMSUB [channel ...]: a flat array in both versions.
    private void SubscriberCounts(ClientState client, byte[][] arguments)
    {
        var channels = arguments.AsSpan(2);
        client.Reply.Array(2 * channels.Length);
        foreach (var channel in channels)
        {
            client.Reply.Bulk(channel);
            client.Reply.Integer(bridge.SubscriberCount(channel));
        }
    }
}
