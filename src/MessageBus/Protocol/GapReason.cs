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

    /// <summary>The channel's history begins anew: messages of before are not in it.</summary>
    HistoryReset,

    /// <summary>The gateway was away from the broker for longer than the channel's history reaches back.</summary>
    HistoryTrimmed,

    /// <summary>Redis refuses writes: messages pass live, and are not in the channel's history.</summary>
    NotRecorded,
}

internal static class GapReasonNames
{
    public static string WireName(this GapReason reason) => reason switch
    {
        GapReason.BrokerReconnected => "broker_reconnected",
        GapReason.TooLarge => "too_large",
        GapReason.HistoryReset => "history_reset",
        GapReason.HistoryTrimmed => "history_trimmed",
        GapReason.NotRecorded => "not_recorded",
        _ => "undeliverable",
    };
}
