using System.Diagnostics.CodeAnalysis;

namespace MessageBus.Delivery;

/// <summary>
/// What other threads have posted to a loop, in the order of posting. One consumer, whose place another thread may take while there is
/// nothing to consume (<see cref="TryEnter"/>). Two lists take turns, so that nothing is allocated once they have grown to the size of a turn.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Others may post after the end; the event goes with its finalizer.")]
internal sealed class Inbox<T>
{
    private const int KeptCapacity = 64 * 1024;

    // Guards all below but _taken and _more.
    private readonly Lock _gate = new();
    private List<T> _filling = [];
    private bool _waiting;
    private bool _hasGuest;
    private bool _closed;

    private List<T> _taken = [];

    // Set outside the gate: a consumer that woke up inside it would have to stop again, at the gate.
    private readonly AutoResetEvent _more = new(initialState: false);

    /// <param name="item">What is posted.</param>
    /// <param name="isQuiet">It has time: a consumer that waits goes on waiting, until something else is posted or <see cref="WakeUp"/> is called.</param>
    public void Post(in T item, bool isQuiet = false)
    {
        bool wake;
        lock (_gate)
        {
            _filling.Add(item);
            wake = !isQuiet && MustWake();
        }

        Wake(wake);
    }

    public void WakeUp()
    {
        bool wake;
        lock (_gate)
        {
            wake = MustWake();
        }

        Wake(wake);
    }

    /// <summary>Takes the place of a consumer that waits: what is posted meanwhile comes after the guest. Never waits; if true, <see cref="Leave"/> must follow.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (!_waiting || _hasGuest || _filling.Count > 0)
            {
                return false;
            }

            _hasGuest = true;
            return true;
        }
    }

    public void Leave()
    {
        bool wake;
        lock (_gate)
        {
            _hasGuest = false;
            wake = MustWake();
        }

        Wake(wake);
    }

    /// <summary>Waits until there is something, and takes all of it. Empty only when the inbox was closed. The list is valid until the next call.</summary>
    public List<T> TakeAll()
    {
        Recycle();
        while (true)
        {
            lock (_gate)
            {
                if (HasWork)
                {
                    _waiting = false;
                    (_filling, _taken) = (_taken, _filling);
                    return _taken;
                }

                _waiting = true;
            }

            _more.WaitOne();
        }
    }

    /// <summary>Takes what is there, without waiting; empty where there is nothing. The list is valid until the next call.</summary>
    public List<T> TakeMore()
    {
        Recycle();
        lock (_gate)
        {
            (_filling, _taken) = (_taken, _filling);
        }

        return _taken;
    }

    /// <summary>Ends the waiting. What was posted before is still taken.</summary>
    public void Close()
    {
        bool wake;
        lock (_gate)
        {
            _closed = true;
            wake = MustWake();
        }

        Wake(wake);
    }

    private bool HasWork => !_hasGuest && (_filling.Count > 0 || _closed);

    /// <summary>Once for each time the consumer waits.</summary>
    private bool MustWake()
    {
        var wake = _waiting && HasWork;
        _waiting &= !wake;
        return wake;
    }

    private void Wake(bool wake)
    {
        if (wake)
        {
            _more.Set();
        }
    }

    /// <summary>What a rare burst took is let go of.</summary>
    private void Recycle()
    {
        if (_taken.Capacity > KeptCapacity)
        {
            _taken = [];
        }
        else
        {
            _taken.Clear();
        }
    }
}
