namespace MessageBus.Redis.Recording;

/// <summary>A queue whose items can be looked at by their place in it.</summary>
internal sealed class RingQueue<T>
{
    private T[] _items = new T[64];
    private int _head;

    public int Count { get; private set; }

    public T this[int index] => _items[(_head + index) & (_items.Length - 1)];

    public void Enqueue(in T item)
    {
        if (Count == _items.Length)
        {
            var larger = new T[_items.Length * 2];
            for (var i = 0; i < Count; i++)
            {
                larger[i] = this[i];
            }

            (_items, _head) = (larger, 0);
        }

        _items[(_head + Count++) & (_items.Length - 1)] = item;
    }

    public void Dequeue()
    {
        _items[_head] = default!;
        _head = (_head + 1) & (_items.Length - 1);
        Count--;
    }

    public void Clear()
    {
        Array.Clear(_items);
        (_head, Count) = (0, 0);
    }
}
