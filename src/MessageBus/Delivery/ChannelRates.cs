namespace MessageBus.Delivery;

/// <summary>
/// How many publications a second each channel gets, for whoever asks now and then: taken from the channels' counters over the time between two looks.
/// Until somebody asks it costs nothing. Any thread.
/// </summary>
internal sealed class ChannelRates(ChannelDirectory directory, TimeProvider time)
{
    /// <summary>Who asks sooner is told the same again.</summary>
    public static readonly TimeSpan ShortestSpan = TimeSpan.FromSeconds(1);

    /// <summary>Nobody has looked for so long: an average over it would say nothing about now.</summary>
    public static readonly TimeSpan LongestSpan = TimeSpan.FromSeconds(30);

    // Guards the fields below and the rates of the channels.
    private readonly Lock _gate = new();
    private long? _lookedAt;

    /// <summary>Brings the rates of all channels up to date. They are null where nobody has looked shortly before.</summary>
    public void Look()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            TimeSpan? span = _lookedAt is { } last ? time.GetElapsedTime(last, now) : null;
            if (span < ShortestSpan)
            {
                return;
            }

            _lookedAt = now;
            foreach (var channel in directory.All)
            {
                channel.TakeRate(span <= LongestSpan ? span : null);
            }
        }
    }
}
