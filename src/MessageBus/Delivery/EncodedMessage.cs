using System.Collections.Concurrent;
using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>
/// The bytes of one message, ready for the wire of a transport. Encoded once and shared by all subscribers that get it, so never changed after it was made.
/// </summary>
internal sealed class EncodedMessage(byte[] bytes)
{
    public byte[] Bytes { get; } = bytes;

    public int Length => Bytes.Length;
}

/// <summary>A push that is the same for all subscribers: encoded once for each encoding. Any thread.</summary>
internal sealed class SharedMessage(ServerMessage message)
{
    public static readonly SharedMessage Ping = new(new ServerMessage.Ping());

    public static readonly SharedMessage BrokerUp = new(new ServerMessage.BrokerStatus(IsUp: true));

    public static readonly SharedMessage BrokerDown = new(new ServerMessage.BrokerStatus(IsUp: false));

    public static readonly SharedMessage BrokerGap = new(new ServerMessage.Gap(Channel: null, GapReason.BrokerReconnected));

    private readonly ConcurrentDictionary<IMessageEncoding, EncodedMessage?> _encoded = new();

    /// <summary>Null where the transport has no form for it.</summary>
    public EncodedMessage? In(IMessageEncoding encoding) =>
        _encoded.GetOrAdd(encoding, static (encoding, message) => encoding.Encode(message), message);
}
