using Microsoft.AspNetCore.SignalR;

namespace MessageBus.Bench.Peers.SignalR;

internal sealed class BusHub(RedisChannels channels) : Hub
{
    public async Task Join(string channel)
    {
        await Groups.AddToGroupAsync(Context.ConnectionId, channel);
        await channels.SubscribeAsync(channel);
    }
}
