using System.Text;
using MessageBus.Brokers;
using MessageBus.IntegrationTests.Support;
using MessageBus.Protocol;

namespace MessageBus.IntegrationTests.Brokers;

/// <summary>The gateway's place behind a broker: its deliveries can be awaited one by one, its changes of state are counted.</summary>
public sealed class AwaitedSink : IBrokerSink
{
    private readonly System.Threading.Channels.Channel<(ChannelName Channel, byte[] Payload)> _deliveries =
        System.Threading.Channels.Channel.CreateUnbounded<(ChannelName, byte[])>();

    private int _lost;
    private int _restored;

    public int Lost => Volatile.Read(ref _lost);

    public int Restored => Volatile.Read(ref _restored);

    /// <summary>Whether every delivery was taken.</summary>
    public bool IsQuiet => _deliveries.Reader.Count is 0;

    public Task<(ChannelName Channel, byte[] Payload)> NextAsync() =>
        Eventually.ResultAsync(_deliveries.Reader.ReadAsync().AsTask(), "the broker delivers a publication");

    public async Task<string> NextTextAsync() => Encoding.UTF8.GetString((await NextAsync()).Payload);

    public void Deliver(in Publication publication) => _deliveries.Writer.TryWrite((publication.Channel, publication.Payload.ToArray()));

    public void Missed(ChannelName channel) => Assert.Fail($"A publication on {channel} was not delivered.");

    public void BrokerLost() => Interlocked.Increment(ref _lost);

    public void BrokerRestored() => Interlocked.Increment(ref _restored);
}
