namespace MessageBus.Delivery;

/// <summary>
/// What other threads have posted to a loop, in the order of posting. One consumer. Two lists take turns, so that nothing is allocated
/// once they have grown to the size of a turn.
/// </summary>
internal sealed class Inbox<T>
{
    private const int KeptCapacity = 64 * 1024;

    // Guards _filling, _closed and _waiting.
    private readonly object _gate = new();
    private List<T> _filling = [];
    private List<T> _taken = [];
    private bool _waiting;
    private bool _closed;

    public void Post(in T item)
    {
        lock (_gate)
        {
            _filling.Add(item);
            if (_waiting)
            {
                _waiting = false;
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Waits until there is something, and takes all of it. Empty only when the inbox was closed. The list is valid until the next call.</summary>
    public List<T> TakeAll()
    {
        Recycle();
        lock (_gate)
        {
            while (_filling.Count is 0 && !_closed)
            {
                _waiting = true;
                Monitor.Wait(_gate);
            }

            (_filling, _taken) = (_taken, _filling);
        }

        return _taken;
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

    /// <summary>Ends the waiting. What was posted before is still taken.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }
}
