using MessageBus.Delivery;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests.Delivery;

public sealed class OutboundQueueTests
{
    [Fact]
    public void Frames_come_out_in_the_order_they_went_in_however_the_ring_turns_and_grows()
    {
        var random = new Random(7);
        var queue = new OutboundQueue();
        var oracle = new Queue<EncodedMessage>();
        for (var round = 0; round < 20_000; round++)
        {
            // Longer phases of filling and of emptying, so that it grows, wraps around and runs empty many times.
            if (random.Next(100) < (round / 300 % 2 is 0 ? 65 : 35))
            {
                var frame = Frames.OfLength(random.Next(2, 20));
                queue.Enqueue(frame);
                oracle.Enqueue(frame);
            }
            else if (oracle.TryDequeue(out var expected))
            {
                Assert.True(queue.TryPeek(out var first));
                Assert.Same(expected, first);
                Assert.Same(expected, queue.Dequeue());
            }

            Assert.Equal(oracle.Count, queue.Count);
            Assert.Equal(oracle.Count is 0, queue.IsEmpty);
            Assert.Equal(oracle.Sum(frame => (long)frame.Length), queue.Bytes);
        }
    }

    [Fact]
    public void Empty_queue_has_nothing_to_peek_at()
    {
        var queue = new OutboundQueue();

        Assert.False(queue.TryPeek(out var frame));
        Assert.Null(frame);
        Assert.True(queue.IsEmpty);
        Assert.Equal(0, queue.Bytes);
    }

    [Fact]
    public void Cleared_queue_is_empty_and_can_be_used_again()
    {
        var queue = new OutboundQueue();
        queue.Enqueue(Frames.OfLength(10));
        queue.Enqueue(Frames.OfLength(10));
        queue.Dequeue();

        queue.Clear();

        Assert.True(queue.IsEmpty);
        Assert.Equal(0, queue.Bytes);
        var next = Frames.OfLength(5);
        queue.Enqueue(next);
        Assert.Equal(5, queue.Bytes);
        Assert.Same(next, queue.Dequeue());
    }

    [Fact]
    public void Unused_queue_takes_no_memory_for_frames()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        var queue = new OutboundQueue();

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 128);
        Assert.True(queue.IsEmpty);
    }

    [Theory]
    [InlineData(16, false)]
    [InlineData(17, true)]
    [InlineData(10_000, true)]
    public void Memory_of_a_burst_is_let_go_of_when_the_burst_has_passed(int length, bool isLetGo)
    {
        var queue = new OutboundQueue();
        var frame = Frames.OfLength(2);
        for (var i = 0; i < length; i++)
        {
            queue.Enqueue(frame);
        }

        while (!queue.IsEmpty)
        {
            queue.Dequeue();
        }

        queue.Trim();

        // One that let go of its memory must take some anew.
        var before = GC.GetAllocatedBytesForCurrentThread();
        queue.Enqueue(frame);

        Assert.Equal(isLetGo, GC.GetAllocatedBytesForCurrentThread() > before);
    }

    [Fact]
    public void Frames_that_went_out_are_not_held()
    {
        var queue = new OutboundQueue();
        var first = EnqueueTwoAndDequeueOne(queue);

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.False(first.IsAlive);
        Assert.Equal(1, queue.Count);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference EnqueueTwoAndDequeueOne(OutboundQueue queue)
    {
        queue.Enqueue(Frames.OfLength(10));
        queue.Enqueue(Frames.OfLength(10));
        return new WeakReference(queue.Dequeue());
    }
}
