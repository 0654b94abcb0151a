using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using StackExchange.Redis;

namespace MessageBus.Bench.Peers.AspNet;

/// <summary>What most ASP.NET applications write by hand: a bounded queue and a SendAsync loop a connection, over a table of channels.</summary>
internal static class AspNetServer
{
    public static async Task RunAsync(PeerOptions options)
    {
        var subscribers = new ConcurrentDictionary<string, ImmutableArray<Subscriber>>(StringComparer.Ordinal);
        using var redis = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{options.RedisPort},abortConnect=false");
        var channels = new RedisChannels(redis, Deliver);
        await using var app = options.Build(_ => { });
        app.UseWebSockets();
        app.Map("/bus", async (HttpContext http) =>
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            var subscriber = new Subscriber(socket);
            await subscriber.RunAsync(Join, http.RequestAborted);
            foreach (var channel in subscriber.Channels)
                subscribers.AddOrUpdate(channel, [], (_, list) => list.Remove(subscriber));
        });
        await app.RunAsync();

        async Task Join(Subscriber subscriber, string channel)
        {
            subscribers.AddOrUpdate(channel, [subscriber], (_, list) => list.Add(subscriber));
            await channels.SubscribeAsync(channel);
        }

        void Deliver(string channel, string payload)
        {
            var message = Encoding.UTF8.GetBytes(
                $$"""{"type":"message","channel":"{{JsonEncodedText.Encode(channel)}}","payload":"{{JsonEncodedText.Encode(payload)}}"}""");
            foreach (var subscriber in subscribers.GetValueOrDefault(channel, []))
                subscriber.Send(message);
        }
    }
}
