namespace MessageBus.Delivery;

/// <summary>One connection's interest in one channel.</summary>
internal sealed class Subscription(Subscriber subscriber, LocalChannel channel) : IPlaced
{
    public Subscriber Subscriber { get; } = subscriber;

    public LocalChannel Channel { get; } = channel;

    /// <summary>The index among the channel's subscriptions on the loop; -1 while it is not among them. Owned by the loop.</summary>
    public int Place { get; set; } = -1;
}
