using System.Text;
using MessageBus.EmbeddedRedis.PubSub;

namespace MessageBus.UnitTests.EmbeddedRedis;

public sealed class OutputQueueTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task What_waits_is_sent_in_order_in_one_write()
    {
        var stream = new GatedStream();
        var queue = new OutputQueue(stream, maxBytes: 1000);
        queue.Append("one "u8.ToArray());
        queue.Push("two "u8.ToArray());
        queue.Append("three"u8.ToArray());
        queue.Complete();

        stream.Open();
        await queue.RunAsync(CancellationToken.None).WaitAsync(Limit);

        Assert.Equal(["one two three"], stream.Writes);
    }

    [Fact]
    public async Task Chunks_larger_than_a_write_keep_their_place()
    {
        var stream = new GatedStream();
        var queue = new OutputQueue(stream, maxBytes: 1_000_000);
        var large = Encoding.ASCII.GetBytes(new string('x', 200_000));
        queue.Append("before "u8.ToArray());
        queue.Append(large);
        queue.Append(" after"u8.ToArray());
        queue.Complete();

        stream.Open();
        await queue.RunAsync(CancellationToken.None).WaitAsync(Limit);

        Assert.Equal($"before {Encoding.ASCII.GetString(large)} after", string.Concat(stream.Writes));
    }

    [Fact]
    public async Task Messages_beyond_the_limit_overflow_and_are_not_taken()
    {
        var stream = new GatedStream();
        var queue = new OutputQueue(stream, maxBytes: 10);

        queue.Push("12345678"u8.ToArray());
        var before = queue.Overflow.IsCompleted;
        queue.Push("90123"u8.ToArray());
        queue.Push("x"u8.ToArray());
        queue.Complete();
        stream.Open();
        await queue.RunAsync(CancellationToken.None).WaitAsync(Limit);

        Assert.False(before);
        Assert.True(queue.Overflow.IsCompleted);
        Assert.Equal(["12345678"], stream.Writes);
    }

    [Fact]
    public async Task Replies_beyond_the_limit_are_kept_and_leave_no_room_until_they_are_sent()
    {
        var stream = new GatedStream();
        var queue = new OutputQueue(stream, maxBytes: 10);
        queue.Append("12345678901"u8.ToArray());

        var room = queue.RoomAsync(CancellationToken.None);
        var before = room.IsCompleted;
        var running = queue.RunAsync(CancellationToken.None);
        stream.Open();
        await room.WaitAsync(Limit);
        queue.Complete();
        await running.WaitAsync(Limit);

        Assert.False(before);
        Assert.False(queue.Overflow.IsCompleted);
        Assert.Equal(["12345678901"], stream.Writes);
    }
}
