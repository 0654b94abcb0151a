namespace MessageBus.Delivery;

/// <summary>One connection's interest in one channel.</summary>
internal sealed class Subscription(Subscriber subscriber, LocalChannel channel)
{
    public Subscriber Subscriber { get; } = subscriber;

    public LocalChannel Channel { get; } = channel;

    /// <summary>The index in the channel's <see cref="SubscriberSet"/>; -1 while it is in none. Owned by the loop.</summary>
    public int Place { get; set; } = -1;
}
