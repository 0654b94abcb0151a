using MessageBus.Brokers;
using MessageBus.Protocol;

namespace MessageBus.UnitTests.History;

/// <summary>A broker whose history of one channel a test writes. Reads can be made to fail.</summary>
internal sealed class RecordedLog : IBroker
{
    private readonly Lock _gate = new();
    private readonly List<HistoryEntry> _entries = [];
    private int _epoch = 1;
    private long _top;

    public BrokerState State => BrokerState.Up;

    public int Reads { get; private set; }

    public int ReadsToFail { get; set; }

    public StreamPosition Top => new($"e{_epoch}", _top);

    public Publication Append(ChannelName channel, byte[] payload)
    {
        lock (_gate)
        {
            _entries.Add(new HistoryEntry(++_top, payload));
            return new Publication(channel, payload, 0, Top);
        }
    }

    /// <summary>As after the loss of all recorders: one offset is spent on a mark.</summary>
    public void BeginEpoch()
    {
        lock (_gate)
        {
            _epoch++;
            _entries.Add(new HistoryEntry(++_top, null));
        }
    }

    public void Trim(int count)
    {
        lock (_gate)
        {
            _entries.RemoveRange(0, Math.Max(0, _entries.Count - count));
        }
    }

    public Task<HistoryRead?> ReadHistoryAsync(ChannelName channel, HistoryRange range, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Reads++;
            if (ReadsToFail > 0)
            {
                ReadsToFail--;
                return Task.FromResult<HistoryRead?>(null);
            }

            IEnumerable<HistoryEntry> found = range.Kind switch
            {
                HistoryRangeKind.After => _entries.Where(entry => entry.Offset > range.Offset).Take(range.Limit),
                HistoryRangeKind.Last => _entries.TakeLast(range.Limit),
                _ => [],
            };
            return Task.FromResult<HistoryRead?>(new HistoryRead(Top, [.. found]));
        }
    }

    public Task StartAsync(IBrokerSink sink, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask<BrokerResult> PublishAsync(ChannelName channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) => new(BrokerResult.Accepted);

    public Task<BrokerResult> SubscribeAsync(ChannelName channel, CancellationToken cancellationToken) => Task.FromResult(BrokerResult.Accepted);

    public Task UnsubscribeAsync(ChannelName channel, CancellationToken cancellationToken) => Task.CompletedTask;
}
