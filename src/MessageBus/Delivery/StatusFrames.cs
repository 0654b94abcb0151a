using MessageBus.Protocol;

namespace MessageBus.Delivery;

/// <summary>The pushes about the broker, which are the same for everybody.</summary>
internal static class StatusFrames
{
    public static readonly EncodedFrame Up = EncodedFrame.Text(ServerMessage.BrokerStatus(up: true));

    public static readonly EncodedFrame Down = EncodedFrame.Text(ServerMessage.BrokerStatus(up: false));

    public static readonly EncodedFrame BrokerGap = EncodedFrame.Text(ServerMessage.Gap(channel: null, GapReason.BrokerReconnected));
}
