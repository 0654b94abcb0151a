using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>What a gateway takes of the machine. After a fault it is to take no more than before.</summary>
internal readonly record struct Footprint(int Sockets, int Threads, long Megabytes)
{
    /// <summary>For a gateway whose memory is looked at: with the small nursery of the container image, what it takes is what it keeps.</summary>
    public const string SmallNursery = "DOTNET_GCgen0size=0x200000";

    // What it may take more than before, for whatever reason: a connection that is being opened, or that the Redis client has left to the garbage collector,
    // a thread that the pool has added and takes away again. What is kept of each loss, be it as little as a thread or a socket, is more after a few of them.
    private const int SocketsMore = 8;
    private const int ThreadsMore = 12;
    private const long MegabytesMore = 96;

    public static Footprint Of(GatewayProcess gateway) =>
        new(ProcessFacts.OpenSockets(gateway.ProcessId), ProcessFacts.Threads(gateway.ProcessId), ProcessFacts.ResidentMegabytes(gateway.ProcessId));

    /// <summary>The gateway comes back to what it took.</summary>
    public async Task ReturnsAsync(GatewayProcess gateway)
    {
        var taken = Of(gateway);
        var before = this;
        await Eventually.TrueAsync(
            () =>
            {
                taken = Of(gateway);
                return taken.Sockets <= before.Sockets + SocketsMore && taken.Threads <= before.Threads + ThreadsMore && taken.Megabytes <= before.Megabytes + MegabytesMore;
            },
            () => $"the gateway has given back what it took: {taken} of {before}");
    }
}
