using MessageBus.EmbeddedRedis.Resp;

namespace MessageBus.EmbeddedRedis.PubSub;

/// <summary>The frames for subscribers. https://redis.io/docs/latest/develop/interact/pubsub/#wire-protocol-example</summary>
internal static class PubSubFrames
{
    /// <summary>More than the types, lengths and words of any frame here.</summary>
    private const int OverheadBytes = 128;

    /// <summary>push = ("subscribe" / "psubscribe") name count</summary>
    public static ReadOnlyMemory<byte> Subscribed(RespVersion version, SubscriptionKind kind, byte[] name, int count) =>
        Acknowledgement(version, kind == SubscriptionKind.Channel ? "subscribe"u8 : "psubscribe"u8, name, count);

    /// <summary>push = ("unsubscribe" / "punsubscribe") (name / null) count: null when there was nothing to unsubscribe from.</summary>
    public static ReadOnlyMemory<byte> Unsubscribed(RespVersion version, SubscriptionKind kind, byte[]? name, int count) =>
        Acknowledgement(version, kind == SubscriptionKind.Channel ? "unsubscribe"u8 : "punsubscribe"u8, name, count);

    /// <summary>push = "message" channel payload / "pmessage" pattern channel payload</summary>
    public static ReadOnlyMemory<byte> Message(RespVersion version, byte[]? pattern, ReadOnlySpan<byte> channel, ReadOnlySpan<byte> payload)
    {
        var frame = new RespWriter(version, OverheadBytes + (pattern?.Length ?? 0) + channel.Length + payload.Length);
        if (pattern is null)
        {
            frame.Push(3);
            frame.Bulk("message"u8);
        }
        else
        {
            frame.Push(4);
            frame.Bulk("pmessage"u8);
            frame.Bulk(pattern);
        }

        frame.Bulk(channel);
        frame.Bulk(payload);
        return frame.Take();
    }

    private static ReadOnlyMemory<byte> Acknowledgement(RespVersion version, ReadOnlySpan<byte> word, byte[]? name, int count)
    {
        var frame = new RespWriter(version, OverheadBytes + (name?.Length ?? 0));
        frame.Push(3);
        frame.Bulk(word);
        if (name is null)
        {
            frame.Null();
        }
        else
        {
            frame.Bulk(name);
        }

        frame.Integer(count);
        return frame.Take();
    }
}
