using MessageBus.EmbeddedRedis.Resp;

namespace MessageBus.EmbeddedRedis.PubSub;

/// <summary>The subscriptions of one client. They belong to <see cref="PubSubTable"/>, whose lock guards them.</summary>
internal sealed class Subscriber(OutputQueue output)
{
    private volatile RespVersion _version = RespVersion.Resp2;

    public OutputQueue Output => output;

    /// <summary>Set by the client's commands only, read by publishers.</summary>
    public RespVersion Version
    {
        get => _version;
        set => _version = value;
    }

    public HashSet<byte[]> Channels { get; } = new(ByteStringComparer.Instance);

    public HashSet<byte[]> Patterns { get; } = new(ByteStringComparer.Instance);

    /// <summary>How many subscriptions there are. Only the client's own commands change it, so they may read it without the lock.</summary>
    public int Count => Channels.Count + Patterns.Count;

    public HashSet<byte[]> Names(SubscriptionKind kind) => kind == SubscriptionKind.Channel ? Channels : Patterns;
}
