namespace MessageBus.Brokers;

/// <summary>What became of a call to the broker.</summary>
public enum BrokerResult
{
    /// <summary>The broker has it.</summary>
    Accepted,

    /// <summary>The broker could not be reached, or did not answer in time. A publication may or may not have passed.</summary>
    Unavailable,
}
