using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.UnitTests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MessageBus.UnitTests.Delivery;

/// <summary>The way of a publication from the broker through running loops, with a clock that the test moves.</summary>
internal sealed class DeliveriesUnderTest : IDisposable
{
    private readonly TestMeters _meters = new();

    public DeliveriesUnderTest(MessageBusOptions options)
    {
        Loops = new DeliveryLoops(Options.Create(options), Time, NullLogger<DeliveryLoop>.Instance, new LoopHistograms(_meters));
        Directory = new ChannelDirectory(new InMemoryBroker(), options, Loops.Count, Time);
        Sink = new BrokerDeliveries(Directory, Loops, options, new PublicationCounters(), new BrokerMetrics(_meters), Time);
        Loops.Start(onTick: () => { });
    }

    public FakeTimeProvider Time { get; } = new();

    public DeliveryLoops Loops { get; }

    public ChannelDirectory Directory { get; }

    /// <summary>What the broker gives publications to.</summary>
    public BrokerDeliveries Sink { get; }

    /// <summary>Stops the loops, which first do what was posted to them.</summary>
    public void Dispose()
    {
        Loops.Stop();
        _meters.Dispose();
    }
}
