using System.ComponentModel.DataAnnotations;

namespace MessageBus.Delivery;

/// <summary>How publications reach connections.</summary>
public sealed class DeliveryOptions
{
    /// <summary>
    /// How long a channel stays subscribed at the broker after its last subscription on this gateway has ended. Default 5 s.
    /// It spares the broker an unsubscribe and a subscribe for each browser that reconnects.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan SubscriptionLinger { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Delivery loops, each one thread. Default 0: as many as there are processors.</summary>
    [Range(0, 64)]
    public int Loops { get; set; }
}
