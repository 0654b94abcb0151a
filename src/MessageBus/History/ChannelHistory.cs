using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Protocol;

namespace MessageBus.History;

/// <summary>
/// A channel with history on this gateway: the position up to which its subscribers have everything, and the window of the newest messages.
/// <para>
/// A message that is next is given on. Anything else is a doubt, and so are a broken link and a new epoch: the channel <b>heals</b>. It reads the log from its
/// position, keeps what comes meanwhile, and goes on where both meet; nothing is told. Only where the log does not reach back to the position, or is of another
/// epoch, are its subscribers told of a gap.
/// </para>
/// </summary>
internal sealed class ChannelHistory(ChannelName channel, IBroker broker, IHistorySubscribers subscribers, HistoryBounds bounds, HistoryLimits limits, TimeProvider time)
    : IChannelHistory
{
    // Guards everything below, and keeps the order between the live flow and those who join it.
    private readonly Lock _gate = new();
    private readonly HistoryWindow _window = new();
    private readonly List<Publication> _kept = [];
    private StreamPosition? _position;
    private bool _isHealing;
    private bool _healsAgain;
    private bool _hasUnrecorded;
    private TaskCompletionSource _healed = NewSignal();
    private Task _healing = Task.CompletedTask;
    private Task<HistoryRead?> _read = Task.FromResult<HistoryRead?>(null);
    private long _sentReads;
    private long _usedAt = time.GetTimestamp();
    private volatile bool _hasEnded;

    /// <summary>Bytes that the window takes. Any thread.</summary>
    public long WindowBytes
    {
        get
        {
            lock (_gate)
            {
                return _window.Bytes;
            }
        }
    }

    /// <summary>When a client last came for something in the window (a timestamp).</summary>
    public long UsedAt => Volatile.Read(ref _usedAt);

    /// <summary>The last position that subscribers were brought to; null before the first read, and while messages pass that are not recorded.</summary>
    public StreamPosition? Position
    {
        get
        {
            lock (_gate)
            {
                return _position;
            }
        }
    }

    /// <summary>Ends when the channel has nothing to heal. Any thread.</summary>
    public Task Healed
    {
        get
        {
            lock (_gate)
            {
                return _isHealing ? _healed.Task : Task.CompletedTask;
            }
        }
    }

    /// <summary>A message of the channel, as the broker brings it; without a position: it is live, and not recorded.</summary>
    public void Accept(in Publication publication)
    {
        lock (_gate)
        {
            if (_isHealing)
            {
                _kept.Add(publication with { Payload = publication.Payload.ToArray() });
                return;
            }

            AcceptUnderLock(publication);
        }
    }

    /// <summary>What was told last may not be what holds: reads the log, and goes on from there.</summary>
    public void Heal()
    {
        lock (_gate)
        {
            HealUnderLock();
        }
    }

    /// <summary>Heals where the log is ahead of this channel, or of another epoch: the last message before a silence may have been lost.</summary>
    public async Task CheckAsync()
    {
        StreamPosition? before = Position;
        if (before is { } position && await broker.ReadHistoryAsync(channel, HistoryRange.PositionOnly, CancellationToken.None) is { } read
            && (read.Top.Epoch != position.Epoch || read.Top.Offset > position.Offset) && Position == before)
        {
            Heal();
        }
    }

    /// <summary>Cuts the window to so many messages.</summary>
    public void TrimWindow(int count)
    {
        lock (_gate)
        {
            _window.Trim(count);
        }
    }

    /// <summary>
    /// Calls <paramref name="join"/> once what the subscription wants is known; false where it could not be found out within the limit.
    /// </summary>
    public async Task<bool> JoinAsync(HistoryStart start, JoinHistory join, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        HistoryRead? read = null;
        long cameBefore;
        lock (_gate)
        {
            cameBefore = _sentReads;
        }

        while (true)
        {
            Task healed;
            lock (_gate)
            {
                healed = _position is null || _isHealing ? _healed.Task : Task.CompletedTask;
                if (healed.IsCompleted)
                {
                    if (TryJoinUnderLock(start, read, join))
                    {
                        return true;
                    }

                    if (read is not null)
                    {
                        // The channel heals, and what was read may be older than what it heals to.
                        read = null;
                        cameBefore = _sentReads;
                        healed = _healed.Task;
                    }
                }
            }

            if (time.GetElapsedTime(began) >= limits.JoinTimeout)
            {
                return false;
            }

            if (!healed.IsCompleted)
            {
                try
                {
                    await healed.WaitAsync(limits.JoinTimeout, time, cancellationToken);
                }
                catch (TimeoutException)
                {
                    return false;
                }
            }
            else
            {
                read = await ReadNewestAsync(cameBefore);
                if (read is null)
                {
                    await Task.Delay(limits.Retry, time, cancellationToken);
                }
            }
        }
    }

    /// <summary>The gateway has given the channel back.</summary>
    public Task EndAsync()
    {
        _hasEnded = true;
        lock (_gate)
        {
            return _healing;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether the subscription has joined; otherwise a read is needed, or the channel heals.</summary>
    private bool TryJoinUnderLock(in HistoryStart start, HistoryRead? read, JoinHistory join)
    {
        var position = _position!.Value;
        if (start.Since is null && start.Last is null)
        {
            join(position, null, []);
            return true;
        }

        Volatile.Write(ref _usedAt, time.GetTimestamp());
        if (read is not null)
        {
            // A client that comes from a faster gateway, or a log that this gateway has not caught up with: what is said to the client is said from a state
            // that is no older than the client.
            if (read.Top.Epoch != position.Epoch || read.Top.Offset > position.Offset)
            {
                HealUnderLock();
                return false;
            }

            _window.ExtendLeft(read.Entries, position.Offset);
        }

        if (start.Since is { } since)
        {
            if (!_hasUnrecorded && since.Epoch == position.Epoch && since.Offset <= position.Offset && _window.Covers(since.Offset, position.Offset)
                && Fitting(_window.After(since.Offset)) is { } missed)
            {
                join(position, true, missed);
                return true;
            }

            if (read is null)
            {
                return false;
            }

            join(position, false, start.Last is { } last ? LastOf(last, position) : []);
            return true;
        }

        if (read is null && _window.Count < start.Last)
        {
            return false;
        }

        join(position, null, LastOf(start.Last!.Value, position));
        return true;
    }

    /// <summary>The newest messages, as many as fit.</summary>
    private List<WindowEntry> LastOf(int count, StreamPosition position)
    {
        var found = _window.After(Math.Max(0, position.Offset - Math.Min(count, limits.MaxCatchUp)));
        var bytes = 0L;
        var first = found.Count;
        while (first > 0 && (bytes += found[first - 1].Payload.Length) <= limits.MaxCatchUpBytes)
        {
            first--;
        }

        return [.. found.Skip(first)];
    }

    /// <summary>Null where they are more than a catch-up may be.</summary>
    private IReadOnlyList<WindowEntry>? Fitting(IReadOnlyList<WindowEntry> entries) =>
        entries.Count <= limits.MaxCatchUp && entries.Sum(entry => (long)entry.Payload.Length) <= limits.MaxCatchUpBytes ? entries : null;

    private void AcceptUnderLock(in Publication publication)
    {
        if (publication.Position is not { } position)
        {
            GiveUnrecordedUnderLock(publication);
            return;
        }

        if (_position is { } reached && reached.Epoch == position.Epoch)
        {
            if (position.Offset <= reached.Offset)
            {
                return;
            }

            if (position.Offset == reached.Offset + 1)
            {
                _position = position;
                _window.Append(new WindowEntry(position.Offset, publication.Payload.ToArray()));
                _window.Trim(bounds.Size);
                subscribers.Give(publication);
                return;
            }
        }

        // The read covers it.
        HealUnderLock();
    }

    private void GiveUnrecordedUnderLock(in Publication publication)
    {
        if (!_hasUnrecorded)
        {
            _hasUnrecorded = true;
            subscribers.Gap(GapReason.NotRecorded, null);
        }

        subscribers.Give(publication);
    }

    private void HealUnderLock()
    {
        if (_isHealing)
        {
            _healsAgain = true;
            return;
        }

        _isHealing = true;
        if (_healed.Task.IsCompleted)
        {
            _healed = NewSignal();
        }

        _healing = HealAsync();
    }

    private async Task HealAsync()
    {
        await Task.Yield();
        while (true)
        {
            StreamPosition? from;
            lock (_gate)
            {
                // What came before this read is sent is in its answer.
                _healsAgain = false;
                _kept.Clear();
                from = _position;
            }

            var range = from is { } position ? HistoryRange.After(position.Offset, bounds.Size) : HistoryRange.PositionOnly;
            if (await broker.ReadHistoryAsync(channel, range, CancellationToken.None) is not { } read)
            {
                if (_hasEnded)
                {
                    return;
                }

                await Task.Delay(limits.Retry, time);
                continue;
            }

            lock (_gate)
            {
                if (_healsAgain)
                {
                    continue;
                }

                TakeUnderLock(from, read);
                if (_healsAgain)
                {
                    continue;
                }

                _isHealing = false;
                _healed.TrySetResult();
                return;
            }
        }
    }

    private void TakeUnderLock(StreamPosition? from, HistoryRead read)
    {
        if (from is { } position && read.Top.Epoch == position.Epoch && IsContiguous(read, position.Offset))
        {
            foreach (var entry in read.Entries)
            {
                AcceptUnderLock(new Publication(channel, entry.Payload, time.GetTimestamp(), new StreamPosition(position.Epoch, entry.Offset)));
            }
        }
        else
        {
            _position = read.Top;
            _hasUnrecorded = false;
            _window.Clear();
            if (from is { } known)
            {
                subscribers.Gap(known.Epoch == read.Top.Epoch ? GapReason.HistoryTrimmed : GapReason.HistoryReset, read.Top);
            }
        }

        foreach (var publication in _kept)
        {
            // One that is not next makes the channel heal again; that read covers the rest.
            AcceptUnderLock(publication);
            if (_healsAgain)
            {
                return;
            }
        }

        _kept.Clear();
    }

    /// <summary>Whether the read has everything from the position to its own top. A mark is not a message: there something is missing.</summary>
    private static bool IsContiguous(HistoryRead read, long offset)
    {
        foreach (var entry in read.Entries)
        {
            if (entry.Offset != ++offset || entry.Payload is null)
            {
                return false;
            }
        }

        return offset == read.Top.Offset;
    }

    /// <summary>The newest of the log, by a read that was sent after the client came. One is under way at a time; its answer is for all who wait.</summary>
    private async Task<HistoryRead?> ReadNewestAsync(long cameBefore)
    {
        while (true)
        {
            Task<HistoryRead?> read;
            bool isFresh;
            lock (_gate)
            {
                if (_sentReads <= cameBefore && _read.IsCompleted)
                {
                    _sentReads++;
                    _read = broker.ReadHistoryAsync(channel, HistoryRange.Last(limits.MaxCatchUp), CancellationToken.None);
                }

                read = _read;
                isFresh = _sentReads > cameBefore;
            }

            var answer = await read;
            if (isFresh)
            {
                return answer;
            }
        }
    }
}
