using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using StackExchange.Redis;

namespace MessageBus.Bench.Peers.SignalR;

/// <summary>
/// SignalR as its documentation has it: a hub with a group for each channel, JSON protocol, WebSockets without negotiation.
/// Redis' callback sends to the group and goes on, without waiting for the sockets: faster than SignalR's own Redis backplane,
/// which awaits every socket of a group before the channel's next message.
/// </summary>
internal static class SignalRServer
{
    public static async Task RunAsync(PeerOptions options)
    {
        using var redis = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{options.RedisPort},abortConnect=false");
        await using var app = options.Build(services =>
        {
            services.AddSignalR();
            services.AddSingleton(provider =>
            {
                var clients = provider.GetRequiredService<IHubContext<BusHub>>().Clients;
                return new RedisChannels(redis, (channel, payload) => Observe(clients.Group(channel).SendAsync("message", channel, payload)));
            });
        });
        app.MapHub<BusHub>("/hub", hub => hub.Transports = HttpTransportType.WebSockets);
        await app.RunAsync();
    }

    private static void Observe(Task sending)
    {
        if (!sending.IsCompletedSuccessfully)
            sending.ContinueWith(task => Console.Error.WriteLine(task.Exception), TaskContinuationOptions.OnlyOnFaulted);
    }
}
