using MessageBus.Brokers;
using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>
/// The subscribers of one channel that share an encoding. The counts belong to <see cref="ChannelDirectory"/> and its lock;
/// each set of subscriptions belongs to its loop.
/// </summary>
internal sealed class SubscriberGroup(LocalChannel channel, IMessageEncoding encoding, int loops)
{
    private readonly byte[] _head = encoding.Head(channel.Name);
    private readonly int[] _countByLoop = new int[loops];

    public LocalChannel Channel { get; } = channel;

    public IMessageEncoding Encoding { get; } = encoding;

    /// <summary>By the index of the loop.</summary>
    public IndexedSet<Subscription>[] Subscriptions { get; } = new IndexedSet<Subscription>[loops];

    /// <summary>Subscriptions on all loops, counting those that still wait for the broker.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the loop has, or is about to have, subscriptions. Read without the lock: it is set before the broker is asked.</summary>
    public bool IsWantedBy(int loop) => Volatile.Read(ref _countByLoop[loop]) > 0;

    /// <summary>The publication for all of the group; null where it would be too long.</summary>
    public EncodedMessage? Encode(in Publication publication, int maxBytes) => Encoding.Encode(publication, _head, maxBytes);

    /// <summary>Tells the group that a publication is missing.</summary>
    public EncodedMessage? EncodeGap(GapReason reason) => Encoding.Encode(new ServerMessage.Gap(Channel.Name, reason));

    public void Add(int loop)
    {
        Volatile.Write(ref _countByLoop[loop], _countByLoop[loop] + 1);
        Count++;
    }

    public void Remove(int loop)
    {
        Volatile.Write(ref _countByLoop[loop], _countByLoop[loop] - 1);
        Count--;
    }
}
