namespace MessageBus.Delivery;

/// <summary>One connection's interest in one channel.</summary>
internal sealed class Subscription(Subscriber subscriber, SubscriberGroup group) : IPlaced
{
    public Subscriber Subscriber { get; } = subscriber;

    /// <summary>Of the channel, with the subscriber's encoding.</summary>
    public SubscriberGroup Group { get; } = group;

    /// <summary>The index among the group's subscriptions on the loop; -1 while it is not among them. Owned by the loop.</summary>
    public int Place { get; set; } = -1;
}
