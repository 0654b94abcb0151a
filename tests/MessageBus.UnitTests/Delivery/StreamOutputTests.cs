using MessageBus.Delivery;
using MessageBus.UnitTests.Fakes;

namespace MessageBus.UnitTests.Delivery;

public sealed class StreamOutputTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly FakeStream _stream = new();
    private readonly OutboundQueue _queue = new();
    private readonly SemaphoreSlim _writable = new(0);
    private readonly StreamOutput _output;
    private bool _isAborted;

    public StreamOutputTests() => _output = new StreamOutput(_stream, () => _isAborted = true) { Writable = () => _writable.Release() };

    [Fact]
    public void Single_frame_is_written_as_it_is()
    {
        var frame = Enqueue("hello");

        Assert.Equal(OutputState.Drained, _output.Flush(_queue));

        Assert.Equal(frame.Bytes, Assert.Single(_stream.Writes));
        Assert.True(_queue.IsEmpty);
    }

    [Fact]
    public void Frames_that_wait_are_gathered_into_one_write()
    {
        var frames = Enumerable.Range(0, 20).Select(i => Enqueue($"frame {i}")).ToList();

        Assert.Equal(OutputState.Drained, _output.Flush(_queue));

        Assert.Equal(frames.SelectMany(frame => frame.Bytes), Assert.Single(_stream.Writes));
    }

    [Fact]
    public void Gathered_write_is_at_most_64_KiB_and_a_larger_frame_goes_alone()
    {
        int[] lengths = [30_000, 30_000, 30_000, 200_000, 10, 10, 65_516, 20];
        var frames = lengths.Select(Frames.OfLength).ToList();
        frames.ForEach(_queue.Enqueue);

        Assert.Equal(OutputState.Drained, _output.Flush(_queue));

        Assert.Equal(frames.SelectMany(frame => frame.Bytes), _stream.Writes.SelectMany(bytes => bytes));
        Assert.Equal([60_000, 30_000, 200_000, 65_536, 20], _stream.Writes.Select(bytes => bytes.Length));
    }

    [Fact]
    public async Task Only_one_write_is_in_flight_and_what_came_meanwhile_goes_into_the_next()
    {
        _stream.Holds = true;
        var first = Enqueue("1");
        Assert.Equal(OutputState.Busy, _output.Flush(_queue));

        var second = Enqueue("2");
        var third = Enqueue("3");
        Assert.Equal(OutputState.Busy, _output.Flush(_queue));
        Assert.Equal(first.Bytes, Assert.Single(_stream.Writes));
        Assert.Equal(0, _writable.CurrentCount);

        _stream.Complete();
        Assert.True(await _writable.WaitAsync(Limit));
        Assert.Equal(OutputState.Busy, _output.Flush(_queue));
        Assert.Equal([.. second.Bytes, .. third.Bytes], _stream.Writes[1]);

        _stream.Complete();
        Assert.True(await _writable.WaitAsync(Limit));
        Assert.Equal(OutputState.Drained, _output.Flush(_queue));
        Assert.Equal(2, _stream.Writes.Count);
    }

    [Fact]
    public async Task Write_that_fails_later_fails_the_output()
    {
        _stream.Holds = true;
        Enqueue("1");
        _output.Flush(_queue);

        _stream.Fail(new IOException("a fault of the test"));
        Assert.True(await _writable.WaitAsync(Limit));

        Assert.Equal(OutputState.Failed, _output.Flush(_queue));
    }

    public static TheoryData<Exception> WaysToBeGone =>
        [new IOException(), new ObjectDisposedException("stream"), new OperationCanceledException(), new InvalidOperationException()];

    [Theory]
    [MemberData(nameof(WaysToBeGone))]
    public void Stream_that_refuses_a_write_at_once_fails_the_output(Exception fault)
    {
        _stream.Fault = fault;
        Enqueue("1");
        Enqueue("2");

        Assert.Equal(OutputState.Failed, _output.Flush(_queue));
    }

    [Fact]
    public void Empty_queue_writes_nothing()
    {
        Assert.Equal(OutputState.Drained, _output.Flush(_queue));

        Assert.Empty(_stream.Writes);
    }

    [Fact]
    public void Abort_cuts_the_transport()
    {
        _output.Abort();

        Assert.True(_isAborted);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _writable.Dispose();
    }

    private EncodedMessage Enqueue(string text)
    {
        var frame = Frames.Text(text);
        _queue.Enqueue(frame);
        return frame;
    }
}
