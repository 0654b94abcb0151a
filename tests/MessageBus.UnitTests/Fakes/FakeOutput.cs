using MessageBus.Delivery;

namespace MessageBus.UnitTests.Fakes;

/// <summary>An output that takes frames as the test wants it to, and remembers each flush.</summary>
internal sealed class FakeOutput : IMessageOutput
{
    // Guards _flushes and _state: the loop writes, the test reads.
    private readonly Lock _gate = new();
    private readonly List<EncodedMessage[]> _flushes = [];
    private OutputState _state = OutputState.Drained;

    public Action? Writable { get; set; }

    /// <summary>What the next flushes answer. A busy or failed output takes nothing.</summary>
    public OutputState State
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }

        set
        {
            lock (_gate)
            {
                _state = value;
            }
        }
    }

    /// <summary>Thrown by the next flushes and by an abort, where set.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Run on the loop's thread with each flush.</summary>
    public Action? OnFlush { get; set; }

    public bool IsAborted { get; private set; }

    public int FlushCalls { get; private set; }

    /// <summary>The frames of each flush that took any.</summary>
    public IReadOnlyList<EncodedMessage[]> Flushes
    {
        get
        {
            lock (_gate)
            {
                return [.. _flushes];
            }
        }
    }

    public IReadOnlyList<EncodedMessage> Taken => [.. Flushes.SelectMany(frames => frames)];

    /// <summary>Everything taken, as text.</summary>
    public IReadOnlyList<string> Texts => [.. Taken.Select(Frames.TextOf)];

    public OutputState Flush(OutboundQueue queue)
    {
        FlushCalls++;
        OnFlush?.Invoke();
        if (Fault is not null)
        {
            throw Fault;
        }

        lock (_gate)
        {
            if (_state is OutputState.Drained && !queue.IsEmpty)
            {
                var frames = new List<EncodedMessage>();
                while (!queue.IsEmpty)
                {
                    frames.Add(queue.Dequeue());
                }

                _flushes.Add([.. frames]);
            }

            return _state;
        }
    }

    public void Abort()
    {
        IsAborted = true;
        if (Fault is not null)
        {
            throw Fault;
        }
    }
}
