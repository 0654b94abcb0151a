using System.Net;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>Two gateways behind a proxy on one Redis, a publisher that goes on on ten channels, and clients on both that judge what they get.</summary>
public sealed class FaultedBus : IAsyncDisposable
{
    private static readonly string[] Channels = [.. Enumerable.Range(0, 10).Select(n => $"fault/{n}")];

    private StampedPublisher _publisher = null!;

    private FaultedBus(RedisServerProcess redis)
    {
        Redis = redis;
        Proxy = new TcpProxy(redis.Port);
    }

    public RedisServerProcess Redis { get; }

    public TcpProxy Proxy { get; }

    public List<GatewayApp> Gateways { get; } = [];

    private List<Witness> Witnesses { get; } = [];

    public static async Task<FaultedBus> StartAsync(params string[] redisArguments)
    {
        var bus = new FaultedBus(await RedisServerProcess.StartAsync(redisArguments));
        for (var n = 0; n < 2; n++)
        {
            var gateway = GatewayApp.Start(("ConnectionStrings:Redis", bus.Proxy.Endpoint), FaultScale.Canary);
            bus.Gateways.Add(gateway);
            for (var client = 0; client < 3; client++)
            {
                bus.Witnesses.Add(await Witness.StartAsync(() => gateway.Bus, Channels));
            }
        }

        bus._publisher = new StampedPublisher(bus.Redis.Port, TimeSpan.FromMilliseconds(25), Channels);
        await Task.WhenAll(bus.Witnesses.Select(witness => witness.HasHeardAsync(Channels[^1], 5)));
        return bus;
    }

    public async Task NoneIsReadyAsync()
    {
        foreach (var gateway in Gateways)
        {
            await Eventually.TrueAsync(async () => await gateway.StatusOfAsync("/health/ready") is HttpStatusCode.ServiceUnavailable, "the gateway is not ready");
        }
    }

    /// <summary>Everybody was told so, so many times, and messages flow again on every channel.</summary>
    public async Task HealsAsync(string[] told, int times = 1)
    {
        foreach (var witness in Witnesses)
        {
            foreach (var what in told)
            {
                await witness.WasToldAsync(what, times);
            }
        }

        foreach (var gateway in Gateways)
        {
            await Eventually.TrueAsync(async () => await gateway.StatusOfAsync("/health/ready") is HttpStatusCode.OK, "the gateway is ready again");
        }

        await HasEverybodyHeardAsync(_publisher.Next);
    }

    /// <summary>Nothing was lost without a word, nobody lost a socket, and Redis has what the gateways want.</summary>
    public async Task EndsWellAsync()
    {
        await HasEverybodyHeardAsync(await _publisher.StopAsync());
        foreach (var witness in Witnesses)
        {
            witness.HasSeenNoWrong();
            Assert.Equal(1, witness.Connections);
        }

        var counts = await RedisCli.RunAsync(Redis.Port, ["PUBSUB", "NUMSUB", .. Channels]);
        Assert.Equal(string.Join('\n', Channels.Select(channel => $"{channel}\n{Gateways.Count}")), counts);
    }

    public async ValueTask DisposeAsync()
    {
        if (Redis.IsRunning)
        {
            Redis.Thaw();
        }

        await _publisher.DisposeAsync();
        await Task.WhenAll(Witnesses.Select(witness => witness.DisposeAsync().AsTask()));
        foreach (var gateway in Gateways)
        {
            await gateway.DisposeAsync();
        }

        await Proxy.DisposeAsync();
        await Redis.DisposeAsync();
    }

    private async Task HasEverybodyHeardAsync(int n)
    {
        foreach (var witness in Witnesses)
        {
            foreach (var channel in Channels)
            {
                await witness.HasHeardAsync(channel, n);
            }
        }
    }
}
