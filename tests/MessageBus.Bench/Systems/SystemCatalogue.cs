namespace MessageBus.Bench.Systems;

/// <summary>All systems that can be measured, in the order of the report.</summary>
internal static class SystemCatalogue
{
    public static IReadOnlyList<ISystem> All(string? gateway = null) =>
    [
        new GatewaySystem("ours", tls: false, gateway ?? Repository.Gateway),
        new DotnetPeer("floor", "floor", "plain", tls: false),
        new DotnetPeer("signalr", "signalr", "signalr", tls: false),
        new DotnetPeer("aspnet", "aspnet", "plain", tls: false),
        new NodePeer("bun", "bun", "plain", tls: false, runtime: "bun"),
        new NodePeer("socketio", "socketio", "socketio", tls: false, runtime: "node"),
        new GatewaySystem("ours-tls", tls: true, gateway ?? Repository.Gateway),
        new DotnetPeer("signalr-tls", "signalr", "signalr", tls: true),
        new NodePeer("bun-tls", "bun", "plain", tls: true, runtime: "bun"),
        new GatewaySystem("ours-1-loop", tls: false, gateway ?? Repository.Gateway, ("MessageBus__Delivery__Loops", "1")),
        new GatewaySystem("ours-2-loops", tls: false, gateway ?? Repository.Gateway, ("MessageBus__Delivery__Loops", "2")),
    ];
}
