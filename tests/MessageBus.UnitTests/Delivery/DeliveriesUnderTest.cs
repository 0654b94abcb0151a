using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Limits;
using MessageBus.Protocol;
using MessageBus.UnitTests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessageBus.UnitTests.Delivery;

/// <summary>The way of a publication from the broker through running loops, with a clock that the test moves.</summary>
internal sealed class DeliveriesUnderTest : IDisposable
{
    private readonly TestMeters _meters = new();

    public DeliveriesUnderTest(int loops, LimitOptions? limits = null)
    {
        var (options, limited) = (new DeliveryOptions { Loops = loops }, limits ?? new LimitOptions());
        Loops = new DeliveryLoops(options, limited, Time, NullLogger<DeliveryLoop>.Instance, new LoopHistograms(_meters));
        Directory = new ChannelDirectory(new InMemoryBroker(Time), options, Loops.Count, Time);
        Sink = new BrokerDeliveries(Directory, Loops, limited, Counters, new BrokerMetrics(_meters));
        Loops.Start(onTick: () => { });
    }

    public FakeTimeProvider Time { get; } = new();

    public DeliveryLoops Loops { get; }

    public ChannelDirectory Directory { get; }

    public PublicationCounters Counters { get; } = new();

    /// <summary>What the broker gives publications to.</summary>
    public BrokerDeliveries Sink { get; }

    public void Deliver(ChannelName channel, ReadOnlyMemory<byte> payload) => Sink.Deliver(new Publication(channel, payload, Time.GetTimestamp()));

    /// <summary>Stops the loops, which first do what was posted to them.</summary>
    public void Dispose()
    {
        Loops.Stop();
        _meters.Dispose();
    }
}
