namespace MessageBus.Protocol;

/// <summary>Why messages may have been lost between the last one and the next one.</summary>
internal enum GapReason
{
    /// <summary>The gateway lost its broker and is subscribed again.</summary>
    BrokerReconnected,

    /// <summary>A publication was larger than what may wait for a connection.</summary>
    TooLarge,

    /// <summary>A publication could not be delivered, by a fault of the gateway.</summary>
    Undeliverable,
}

internal static class GapReasonNames
{
    public static string WireName(this GapReason reason) => reason switch
    {
        GapReason.BrokerReconnected => "broker_reconnected",
        GapReason.TooLarge => "too_large",
        _ => "undeliverable",
    };
}
