namespace MessageBus.Delivery;

/// <summary>The subscriptions of one channel on one loop. Adding and removing take constant time: each subscription knows its place.</summary>
internal sealed class SubscriberSet
{
    private Subscription[] _items = [];
    private int _count;

    public ReadOnlySpan<Subscription> Items => _items.AsSpan(0, _count);

    public void Add(Subscription subscription)
    {
        if (_count == _items.Length)
        {
            Array.Resize(ref _items, Math.Max(1, _count * 2));
        }

        subscription.Place = _count;
        _items[_count++] = subscription;
    }

    /// <summary>Takes it out; the last one moves into its place.</summary>
    public void Remove(Subscription subscription)
    {
        if (subscription.Place < 0)
        {
            return;
        }

        var last = _items[--_count];
        _items[subscription.Place] = last;
        last.Place = subscription.Place;
        _items[_count] = null!;
        subscription.Place = -1;
    }
}
