namespace MessageBus.Delivery;

/// <summary>
/// A set for a loop's thread to go through. Adding and removing take constant time: each member knows its place, so that it is in one such set at most.
/// A structure, since each channel has one for each loop: it is used where it stands, never copied.
/// </summary>
internal struct PlacedSet<T>
    where T : class, IPlaced
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

        item.Place = _count;
        _items[_count++] = item;
    }

    /// <summary>Takes it out; the last one moves into its place. Does nothing where it is in no set.</summary>
    public void Remove(T item)
    {
        if (item.Place < 0)
        {
            return;
        }

        var last = _items![--_count];
        _items[item.Place] = last;
        last.Place = item.Place;
        _items[_count] = null!;
        item.Place = -1;
    }
}

/// <summary>A member of a <see cref="PlacedSet{T}"/>.</summary>
internal interface IPlaced
{
    /// <summary>The index in the set; -1 while it is in none. Owned by the set.</summary>
    int Place { get; set; }
}
