namespace MessageBus.Redis.Links;

/// <summary>
/// Publications of the gateway to itself that are counted: a hole in the numbers is a loss that no socket tells of, and silence is one too. Any thread.
/// </summary>
internal sealed class NumberedProbe(TimeProvider time)
{
    /// <summary>Periods without an answer that count as silence on a fast link.</summary>
    private const int PatientPeriods = 3;

    /// <summary>The same while other things arrive, behind which a probe may wait: a payload of 30 MB, a burst.</summary>
    private const int PatientPeriodsOfProgress = 20;

    private static readonly TimeSpan NotMeasured = TimeSpan.Zero;

    // Guards the rest.
    private readonly Lock _gate = new();
    private readonly Dictionary<long, long> _sentAt = [];
    private long _sent;
    private long _heard;
    private int _silentPeriods;
    private int _idlePeriods;
    private bool _wasHeard;
    private TimeSpan _roundTrip = NotMeasured;

    /// <summary>The slowest of late, rather than the mean.</summary>
    public TimeSpan RoundTrip
    {
        get
        {
            lock (_gate)
            {
                return _roundTrip;
            }
        }
    }

    public bool WasHeard
    {
        get
        {
            lock (_gate)
            {
                return _wasHeard;
            }
        }
    }

    /// <summary>The number of the next one.</summary>
    public long Send()
    {
        lock (_gate)
        {
            _sentAt[++_sent] = time.GetTimestamp();
            return _sent;
        }
    }

    /// <summary>Redis did not take it: that it is not heard is no loss.</summary>
    public void Withdraw(long number)
    {
        lock (_gate)
        {
            _sentAt.Remove(number);
            if (number == _heard + 1)
            {
                _heard = number;
            }
        }
    }

    /// <summary>One was heard.</summary>
    /// <returns>How many before it were not, and never will be.</returns>
    public int Hear(long number)
    {
        lock (_gate)
        {
            if (number <= _heard || number > _sent)
            {
                return 0;
            }

            if (_sentAt.TryGetValue(number, out var sentAt))
            {
                var measured = time.GetElapsedTime(sentAt);
                _roundTrip = measured > _roundTrip ? measured : (_roundTrip * 0.8) + (measured * 0.2);
            }

            // Those that were withdrawn have left no mark.
            var missing = _sentAt.Keys.Count(earlier => earlier < number && earlier > _heard);
            foreach (var done in _sentAt.Keys.Where(earlier => earlier <= number).ToList())
            {
                _sentAt.Remove(done);
            }

            _heard = number;
            _silentPeriods = 0;
            _idlePeriods = 0;
            var isFirst = !_wasHeard;
            _wasHeard = true;

            // Before the first one was heard there may have been no subscription yet.
            return isFirst ? 0 : missing;
        }
    }

    /// <summary>
    /// A period has ended, in which something else arrived or not. Periods are counted, not time: a process that was stopped for a while has been silent itself.
    /// </summary>
    /// <returns>Whether it has been silent for too long.</returns>
    public bool EndPeriod(TimeSpan period, bool hasProgressed)
    {
        lock (_gate)
        {
            _silentPeriods++;
            _idlePeriods = hasProgressed ? 0 : _idlePeriods + 1;
            var slow = (int)Math.Ceiling(_roundTrip * 3 / period);
            return _idlePeriods > Math.Max(PatientPeriods, slow) || _silentPeriods > Math.Max(PatientPeriodsOfProgress, slow);
        }
    }
}
