using MessageBus.Delivery;
using MessageBus.Limits;
using MessageBus.UnitTests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace MessageBus.UnitTests.Delivery;

public sealed class DeliveryLoopsTests : IDisposable
{
    private readonly TestMeters _meters = new();

    public void Dispose() => _meters.Dispose();

    [Fact]
    public void New_connections_are_spread_over_all_loops()
    {
        var loops = Make(new FakeTimeProvider(), count: 3);

        var chosen = Enumerable.Range(0, 9).Select(_ => loops.Next().Index).ToList();

        Assert.Equal([3, 3, 3], chosen.GroupBy(index => index).Select(group => group.Count()));
    }

    [Fact]
    public void Every_loop_looks_at_its_deadlines_with_each_tick()
    {
        var time = new FakeTimeProvider();
        var loops = Make(time, count: 2);
        var ticks = 0;
        loops.Start(onTick: () => ticks++);
        var clients = loops.All.ToArray().Select(loop => new FakeClient(loop, time)).ToList();
        foreach (var client in clients)
        {
            client.Loop.Attach(client.Subscriber);
            client.Loop.Connected(client.Subscriber, new Said(LoopUnderTest.Reply));
        }

        time.Advance(TimeSpan.FromSeconds(70));
        loops.Stop();

        Assert.Equal(140, ticks);
        Assert.All(clients, client => Assert.NotEmpty(client.Owner.Closes));
    }

    [Fact]
    public void Stop_without_start_does_nothing()
    {
        var loops = Make(new FakeTimeProvider(), count: 2);

        Assert.Null(Record.Exception(loops.Stop));
    }

    [Fact]
    public void Zero_means_one_loop_for_each_processor()
    {
        Assert.Equal(Math.Min(Environment.ProcessorCount, 64), Make(new FakeTimeProvider(), count: 0).Count);
    }

    private DeliveryLoops Make(FakeTimeProvider time, int count) =>
        new(new DeliveryOptions { Loops = count }, new LimitOptions(), time, NullLogger<DeliveryLoop>.Instance, new LoopHistograms(_meters));
}
