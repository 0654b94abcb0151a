namespace MessageBus.Bench.Load;

internal enum ConnectionPhase
{
    Connecting,
    Upgrading,
    Joining,
    Ready,
    Closed,
}
