namespace MessageBus.Brokers;

/// <summary>Whether publications pass through the broker.</summary>
public enum BrokerState
{
    /// <summary>The broker cannot be reached, or its channels are not all subscribed again yet.</summary>
    Down,

    /// <summary>Publications pass.</summary>
    Up,
}
