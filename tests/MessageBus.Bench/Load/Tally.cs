namespace MessageBus.Bench.Load;

/// <summary>
/// What was published and what arrived. Publications are numbered through; a flow begins at one number, and copies of earlier
/// publications are strays that it does not count.
/// </summary>
internal sealed class Tally
{
    private const int Window = 1 << 20;

    private readonly int[] _missing = new int[Window];
    private uint _first;
    private uint _next = 1;
    private uint _oldestOpen;

    public Histogram Latency { get; } = new();

    public long Publications => _next - _first;

    public long Expected { get; private set; }

    public long Delivered { get; private set; }

    /// <summary>Copies that came after a later one of the same channel, or that nobody should have got, such as a second copy.</summary>
    public long OutOfOrder { get; private set; }

    /// <summary>Publications of which every subscriber has its copy, as have all before them. Exact while fewer than a million are open.</summary>
    public long Complete => _oldestOpen - _first;

    public bool AllDelivered => Delivered >= Expected;

    public void Begin()
    {
        _first = _next;
        _oldestOpen = _next;
        Expected = 0;
        Delivered = 0;
        OutOfOrder = 0;
        Latency.Clear();
    }

    public uint Publish(int copies)
    {
        _missing[_next % Window] = copies;
        Expected += copies;
        return _next++;
    }

    public void OnDelivery(uint publication, long time, long now, bool inOrder)
    {
        if (publication < _first)
            return;
        ref var missing = ref _missing[publication % Window];
        if (!inOrder || missing <= 0)
            OutOfOrder++;
        if (missing <= 0)
            return;
        Delivered++;
        Latency.Add(now - time);
        if (--missing > 0 || publication != _oldestOpen)
            return;
        while (_oldestOpen < _next && _missing[_oldestOpen % Window] <= 0)
            _oldestOpen++;
    }
}
