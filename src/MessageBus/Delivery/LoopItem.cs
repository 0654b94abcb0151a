namespace MessageBus.Delivery;

/// <summary>One thing that a loop is asked to do. <paramref name="Target"/> is a subscriber, a subscription, a channel or what waits, by kind.</summary>
internal readonly record struct LoopItem(LoopItemKind Kind, object? Target = null, EncodedFrame? Frame = null);

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
