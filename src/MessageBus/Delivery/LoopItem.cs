namespace MessageBus.Delivery;

/// <summary>
/// One thing that a loop is asked to do. <paramref name="Target"/> is a subscriber, a subscription, a group of subscribers, a message to all or what waits, by kind.
/// </summary>
internal readonly record struct LoopItem(LoopItemKind Kind, object? Target = null, EncodedMessage? Message = null, long ReceivedAt = 0);

internal enum LoopItemKind
{
    Attach,
    Connected,
    Subscribe,
    Unsubscribe,
    Send,
    CatchUp,
    Publication,
    Writable,
    Close,
    CloseDiscardingBacklog,
    Detach,
    TellAll,
    BrokerLost,
    BrokerRestored,
    Tick,
}
