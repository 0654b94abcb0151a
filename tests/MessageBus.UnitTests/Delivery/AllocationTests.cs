using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Protocol;
using MessageBus.UnitTests.Fakes;
using MessageBus.WebSockets;

namespace MessageBus.UnitTests.Delivery;

/// <summary>Allocations are counted for the whole process: nothing else may run beside.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationCollectionDefinition;

/// <summary>What a publication costs the garbage collector on its way from the broker to the sockets, whatever the number of its subscribers.</summary>
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests : IDisposable
{
    private const int Publications = 2000;
    private const int Rounds = 3;
    private static readonly ChannelName Channel = ChannelName.Parse("orders/42");
    private static readonly byte[] Payload = [.. Enumerable.Repeat((byte)'x', 128)];

    private readonly DeliveriesUnderTest _deliveries = new(loops: 1);

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task Publication_allocates_its_frame_and_nothing_for_each_subscriber(int subscribers)
    {
        var outputs = new List<DiscardingStream>();
        for (var n = 0; n < subscribers; n++)
        {
            outputs.Add(await SubscribeAsync());
        }

        // Queues and buffers grow to their size first, and the code is compiled.
        PublishAll(outputs);
        PublishAll(outputs);

        // The least of a few rounds: what the test host allocates meanwhile only adds.
        Assert.InRange(Enumerable.Range(0, Rounds).Min(_ => AllocatedPerPublication(outputs)), 128, 300);
    }

    public void Dispose() => _deliveries.Dispose();

    private async Task<DiscardingStream> SubscribeAsync()
    {
        var loop = _deliveries.Loops.Next();
        var group = await _deliveries.Directory.AcquireAsync(Channel, WebSocketEncoding.Instance, loop.Index);
        var stream = new DiscardingStream();
        var output = new StreamOutput(stream, abort: () => { });
        var subscriber = new Subscriber(WebSocketEncoding.Instance, output, new FakeOwner(), _deliveries.Time.GetTimestamp());
        output.Writable = () => loop.Writable(subscriber);
        loop.Attach(subscriber);
        loop.Subscribe(new Subscription(subscriber, group!), reply: null);
        return stream;
    }

    private double AllocatedPerPublication(List<DiscardingStream> outputs)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        PublishAll(outputs);
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Publications;
    }

    /// <summary>Publishes one after the other and waits until the last subscriber has all bytes.</summary>
    private void PublishAll(List<DiscardingStream> outputs)
    {
        Assert.True(_deliveries.Directory.TryFind(Channel, out var channel));
        var frameLength = channel.Groups[0].Encode(new Publication(Channel, Payload, ReceivedAt: 1), int.MaxValue)!.Length;
        var wanted = outputs[^1].Written + ((long)Publications * frameLength);
        for (var n = 0; n < Publications; n++)
        {
            _deliveries.Deliver(Channel, Payload);

            // Not more ahead than a gateway is in practice, so that the inbox has the size it has there.
            while (wanted - outputs[^1].Written >= (Publications - n + 16L) * frameLength)
            {
                Thread.Yield();
            }
        }

        Assert.True(SpinWait.SpinUntil(() => outputs[^1].Written == wanted, TimeSpan.FromSeconds(60)), "The last subscriber has not got everything.");
    }

    /// <summary>Takes everything at once, as a socket with room does.</summary>
    private sealed class DiscardingStream : MemoryStream
    {
        private long _written;

        public long Written => Volatile.Read(ref _written);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Volatile.Write(ref _written, _written + buffer.Length);
            return ValueTask.CompletedTask;
        }
    }
}
