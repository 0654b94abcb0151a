using BenchmarkDotNet.Attributes;
using MessageBus.Delivery;

namespace MessageBus.Bench.Micro;

/// <summary>What one more message costs one connection before it is sent: in, and out again; once a delivery.</summary>
public class AppendToQueue
{
    private readonly OutboundQueue _queue = new();
    private readonly EncodedMessage _message = new(new byte[180]);

    [Params(1, 16)]
    public int Frames { get; set; }

    [Benchmark]
    public long Append()
    {
        for (var i = 0; i < Frames; i++)
            _queue.Enqueue(_message);
        var bytes = _queue.Bytes;
        while (!_queue.IsEmpty)
            _queue.Dequeue();
        return bytes;
    }
}
