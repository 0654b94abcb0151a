namespace MessageBus.Limits;

/// <summary>
/// A token bucket as one number, the moment when it is full again ("virtual scheduling", ITU-T I.371 annex A): each token that is taken moves that moment on by
/// an interval of the rate. It starts full. Nothing runs beside it, so that an idle connection pays eight bytes; a limiter of System.Threading.RateLimiting
/// costs some hundred, and has a clock of its own. The caller sees to it that only one thread at a time uses it.
/// </summary>
internal struct TokenBucket
{
    private long _fullAt;

    /// <summary>Whether as many tokens are in it as it can hold.</summary>
    public readonly bool IsFull(Rate rate) => _fullAt <= rate.Now;

    /// <summary>Takes a token, if there is one. Otherwise <paramref name="wait"/> says when there will be.</summary>
    public bool TryTake(Rate rate, out TimeSpan wait)
    {
        var now = rate.Now;
        var fullAt = Math.Max(_fullAt, now) + rate.Interval;
        var over = fullAt - now - rate.Capacity;
        wait = over > 0 ? rate.Duration(over) : TimeSpan.Zero;
        if (over > 0)
        {
            return false;
        }

        _fullAt = fullAt;
        return true;
    }

    /// <summary>
    /// Takes a token in any case, on credit where there is none: so who goes on without regard gets deeper into debt, until as many are owed as the bucket
    /// can hold. <paramref name="wait"/> says when there will be a token again.
    /// </summary>
    public Payment Charge(Rate rate, out TimeSpan wait)
    {
        var now = rate.Now;
        _fullAt = Math.Max(_fullAt, now) + rate.Interval;
        var over = _fullAt - now - rate.Capacity;
        wait = over > 0 ? rate.Duration(over + rate.Interval) : TimeSpan.Zero;
        return over <= 0 ? Payment.Paid : over <= rate.Capacity ? Payment.OnCredit : Payment.Overdrawn;
    }
}

/// <summary>How a token was taken.</summary>
internal enum Payment
{
    /// <summary>There was one.</summary>
    Paid,

    /// <summary>On credit.</summary>
    OnCredit,

    /// <summary>On credit, and more is owed than a full bucket holds.</summary>
    Overdrawn,
}
