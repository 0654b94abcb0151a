using System.Globalization;
using System.Net;
using System.Text.Json;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>
/// Two gateways, processes of their own, behind a proxy on one Redis, a publisher that goes on on ten channels, and clients on both that judge what they get.
/// </summary>
public sealed class FaultedBus : IAsyncDisposable
{
    private const int ClientsPerGateway = 3;
    private static readonly string[] Channels = [.. Enumerable.Range(0, 10).Select(n => $"fault/{n}")];

    private readonly List<FaultedGateway> _gateways = [];
    private StampedPublisher _publisher = null!;

    private FaultedBus(RedisServerProcess redis)
    {
        Redis = redis;
        Proxy = new TcpProxy(redis.Port);
    }

    public RedisServerProcess Redis { get; }

    public TcpProxy Proxy { get; }

    public IReadOnlyList<Uri> Addresses => [.. _gateways.Select(gateway => gateway.Bus)];

    private IEnumerable<Witness> Witnesses => _gateways.SelectMany(gateway => gateway.Witnesses);

    /// <summary>With gateways as an operator has them.</summary>
    public static Task<FaultedBus> StartAsync(params string[] redisArguments) => StartAsync(canaryInterval: null, redisArguments);

    /// <summary>With gateways that publish to themselves more often, and so notice sooner what can only be noticed by that.</summary>
    public static async Task<FaultedBus> StartAsync(TimeSpan? canaryInterval, params string[] redisArguments)
    {
        var bus = new FaultedBus(await RedisServerProcess.StartAsync(redisArguments));
        try
        {
            await bus.BeginAsync(canaryInterval);
            return bus;
        }
        catch
        {
            await bus.DisposeAsync();
            throw;
        }
    }

    public async Task NoneIsReadyAsync()
    {
        foreach (var gateway in _gateways)
        {
            await Eventually.TrueAsync(async () => await gateway.StatusAsync("/health/ready") is HttpStatusCode.ServiceUnavailable, "the gateway is not ready");
        }
    }

    /// <summary>Everybody was told so, so many times.</summary>
    public async Task EverybodyIsToldAsync(string what, int times = 1)
    {
        foreach (var witness in Witnesses)
        {
            await witness.WasToldAsync(what, times);
        }
    }

    /// <summary>Redis has every channel of both gateways.</summary>
    public async Task EverythingIsSubscribedAsync()
    {
        var expected = string.Join('\n', Channels.Select(channel => $"{channel}\n{_gateways.Count}"));
        var counts = "";
        await Eventually.TrueAsync(
            async () => (counts = await RedisCli.RunAsync(Redis.Port, ["PUBSUB", "NUMSUB", .. Channels])) == expected, () => $"Redis has all subscriptions, not: {counts}");
    }

    /// <summary>Everybody was told of so many losses, and messages flow again on every channel.</summary>
    public async Task HealsAsync(int losses = 1)
    {
        foreach (var what in Witness.ToldOfALoss)
        {
            await EverybodyIsToldAsync(what, losses);
        }

        foreach (var gateway in _gateways)
        {
            await Eventually.TrueAsync(async () => await gateway.StatusAsync("/health/ready") is HttpStatusCode.OK, "the gateway is ready again");
        }

        await HasEverybodyHeardAsync(_publisher.Next);
    }

    /// <summary>
    /// Nothing was lost without a word, nobody lost a socket, Redis has what the gateways want, and they have given back what the fault took. They end in good
    /// order, with a word about each loss in their logs, however many messages it cost.
    /// </summary>
    public async Task EndsWellAsync()
    {
        // Of what is published now, the end of a fault that nobody asked for takes nothing: another one follows until it ends.
        await HasEverybodyHeardAsync(_publisher.Next);
        await _publisher.StopAsync();
        await EverythingIsSubscribedAsync();
        foreach (var gateway in _gateways)
        {
            var listed = JsonSerializer.Deserialize<JsonElement>(await gateway.GetAsync("/api/channels")).EnumerateArray();
            Assert.Equal(Channels, listed.Select(channel => channel.GetProperty("name").GetString()));
        }

        foreach (var witness in Witnesses)
        {
            witness.HasSeenNoWrong();
            Assert.Equal(1, witness.Connections);
        }

        foreach (var gateway in _gateways)
        {
            await gateway.EndsWellAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Redis.IsRunning)
        {
            Redis.Thaw();
        }

        if (_publisher is not null)
        {
            await _publisher.DisposeAsync();
        }

        foreach (var gateway in _gateways)
        {
            await gateway.DisposeAsync();
        }

        await Proxy.DisposeAsync();
        await Redis.DisposeAsync();
    }

    private async Task BeginAsync(TimeSpan? canaryInterval)
    {
        string[] settings =
        [
            Footprint.SmallNursery,
            "DOTNET_ENVIRONMENT=Development", "--urls=http://127.0.0.1:0", $"ConnectionStrings__Redis={Proxy.Endpoint}",
            .. canaryInterval is { } interval ? [$"MessageBus__Broker__ProbeInterval={interval.ToString("c", CultureInfo.InvariantCulture)}"] : Array.Empty<string>(),
        ];
        var processes = await Task.WhenAll(GatewayProcess.StartAsync(settings), GatewayProcess.StartAsync(settings));
        _gateways.AddRange(processes.Select(process => new FaultedGateway(process)));
        foreach (var gateway in _gateways)
        {
            await gateway.AdmitAsync(ClientsPerGateway, Channels);
        }

        _publisher = new StampedPublisher(Redis.Port, TimeSpan.FromMilliseconds(25), Channels);
        await HasEverybodyHeardAsync(20);
        await Task.WhenAll(_gateways.Select(gateway => gateway.NoteBaseAsync()));
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
