using System.Threading.Channels;
using MessageBus.Delivery;

namespace MessageBus.Taps;

/// <summary>What waits for an operator to look at it: bounded, and what does not fit is counted. One writer, the loop, which never waits; one reader.</summary>
internal sealed class TapBuffer
{
    public const int MaxMessages = 64;
    public const int MaxBytes = 1024 * 1024;

    // Says that there is something, and ends with the tap.
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    // Guards the fields below.
    private readonly Lock _gate = new();
    private List<EncodedMessage> _messages = [];
    private int _bytes;
    private int _dropped;

    /// <summary>One message always fits, however large.</summary>
    public void Put(EncodedMessage message)
    {
        lock (_gate)
        {
            if (_messages.Count is 0 || (_messages.Count < MaxMessages && _bytes + message.Length <= MaxBytes))
            {
                _messages.Add(message);
                _bytes += message.Length;
            }
            else
            {
                _dropped++;
            }
        }

        Nudge();
    }

    /// <summary>Wakes the reader, who may find nothing.</summary>
    public void Nudge() => _signal.Writer.TryWrite(true);

    /// <summary>Nothing more will come.</summary>
    public void End() => _signal.Writer.TryComplete();

    /// <summary>Ends once there is something to take: false where nothing will come any more.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _signal.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>The messages that wait, and how many came after them that did not fit.</summary>
    public (IReadOnlyList<EncodedMessage> Messages, int Dropped) TakeAll()
    {
        _signal.Reader.TryRead(out _);
        lock (_gate)
        {
            var taken = (_messages, _dropped);
            (_messages, _bytes, _dropped) = ([], 0, 0);
            return taken;
        }
    }
}
