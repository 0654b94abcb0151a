namespace MessageBus.Delivery;

/// <summary>
/// A set for a loop's thread to go through. Adding and removing take constant time: each member knows its index, so that it is in one such set at most.
/// A structure, since each group of subscribers has one for each loop: it is used where it stands, never copied.
/// </summary>
internal struct IndexedSet<T>
    where T : class, IIndexed
{
    private T[]? _items;
    private int _count;

    public readonly ReadOnlySpan<T> Items => new(_items, 0, _count);

    public void Add(T item)
    {
        if (_items is null || _count == _items.Length)
        {
            Array.Resize(ref _items, Math.Max(1, _count * 2));
        }

        item.Index = _count;
        _items[_count++] = item;
    }

    /// <summary>Takes it out; the last one moves to its index. Does nothing where it is in no set.</summary>
    public void Remove(T item)
    {
        if (item.Index < 0)
        {
            return;
        }

        var last = _items![--_count];
        _items[item.Index] = last;
        last.Index = item.Index;
        _items[_count] = null!;
        item.Index = -1;
    }
}

/// <summary>A member of an <see cref="IndexedSet{T}"/>.</summary>
internal interface IIndexed
{
    /// <summary>The index in the set; -1 while it is in none. Owned by the set.</summary>
    int Index { get; set; }
}
