using MessageBus.Brokers;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.Fakes;

/// <summary>Keeps the channels of what a broker brings.</summary>
internal sealed class KeptSink : IBrokerSink
{
    public List<string> Channels { get; } = [];

    public void Deliver(in Publication publication) => Channels.Add(publication.Channel.Value);

    public void Missed(ChannelName channel) => Channels.Add(channel.Value);

    public void BrokerLost()
    {
    }

    public void BrokerRestored()
    {
    }
}
