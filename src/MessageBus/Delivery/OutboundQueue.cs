using System.Diagnostics.CodeAnalysis;

namespace MessageBus.Delivery;

/// <summary>
/// The messages that wait for one connection, first in, first out. Owned by the connection's loop; only <see cref="Bytes"/> may be read elsewhere.
/// Takes no memory before it is first used.
/// </summary>
internal sealed class OutboundQueue
{
    /// <summary>What a waiting message takes beside its bytes: two object headers, the length, a reference.</summary>
    public const int OverheadBytes = 64;

    // What a connection keeps although it is idle.
    private const int KeptCapacity = 16;

    private EncodedMessage?[] _ring = [];
    private int _head;
    private int _count;
    private long _bytes;

    public int Count => _count;

    public bool IsEmpty => _count is 0;

    /// <summary>Bytes of the messages that wait. May be read from any thread.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    public void Enqueue(EncodedMessage message)
    {
        if (_count == _ring.Length)
        {
            Grow();
        }

        _ring[(_head + _count) & (_ring.Length - 1)] = message;
        _count++;
        Volatile.Write(ref _bytes, _bytes + message.Length);
    }

    public bool TryPeek([NotNullWhen(true)] out EncodedMessage? message)
    {
        message = _count is 0 ? null : _ring[_head];
        return message is not null;
    }

    public EncodedMessage Dequeue()
    {
        var message = _ring[_head]!;
        _ring[_head] = null;
        _head = (_head + 1) & (_ring.Length - 1);
        _count--;
        Volatile.Write(ref _bytes, _bytes - message.Length);
        return message;
    }

    /// <summary>Lets go of the memory that a burst took, if it has passed. Called now and then: bursts that follow each other use the same memory.</summary>
    public void Trim()
    {
        if (_count is 0 && _ring.Length > KeptCapacity)
        {
            Clear();
        }
    }

    public void Clear()
    {
        _ring = [];
        _head = 0;
        _count = 0;
        Volatile.Write(ref _bytes, 0);
    }

    // The capacity is a power of two, so that an index wraps by a mask.
    private void Grow()
    {
        var larger = new EncodedMessage?[Math.Max(4, _ring.Length * 2)];
        for (var i = 0; i < _count; i++)
        {
            larger[i] = _ring[(_head + i) & (_ring.Length - 1)];
        }

        _ring = larger;
        _head = 0;
    }
}
