using MessageBus.Bench.Peers.AspNet;
using MessageBus.Bench.Peers.Floor;
using MessageBus.Bench.Peers.SignalR;

namespace MessageBus.Bench.Peers;

/// <summary>Starts one of the peers that are part of this executable; it serves until its standard input ends.</summary>
internal static class Peer
{
    public static async Task<int> ServeAsync(string name, PeerOptions options)
    {
        var serving = name switch
        {
            "floor" => Task.Factory.StartNew(() => new FloorServer(options).Run(), TaskCreationOptions.LongRunning),
            "signalr" => SignalRServer.RunAsync(options),
            "aspnet" => AspNetServer.RunAsync(options),
            _ => throw new ArgumentException($"no peer {name}"),
        };
        await await Task.WhenAny(serving, Task.Run(Console.In.ReadToEndAsync));
        return 0;
    }
}
