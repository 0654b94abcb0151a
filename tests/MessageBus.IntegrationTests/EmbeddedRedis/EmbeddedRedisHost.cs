using System.Text;
using MessageBus.Brokers;
using MessageBus.EmbeddedRedis;
using MessageBus.IntegrationTests.Support;
using MessageBus.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MessageBus.IntegrationTests.EmbeddedRedis;

/// <summary>An embedded Redis on a free port, its broker, and in the gateway's place a sink that keeps what it is given.</summary>
public sealed class EmbeddedRedisHost : IAsyncDisposable
{
    private readonly EmbeddedRedisServer _server;

    private EmbeddedRedisHost(EmbeddedRedisOptions options) =>
        _server = new EmbeddedRedisServer(Broker, Options.Create(options), TimeProvider.System, NullLogger<EmbeddedRedisServer>.Instance);

    public InMemoryBroker Broker { get; } = new(TimeProvider.System);

    public RecordingSink Gateway { get; } = new();

    public int Port => _server.Port;

    public static async Task<EmbeddedRedisHost> StartAsync(Action<EmbeddedRedisOptions>? configure = null, bool withGateway = true)
    {
        var options = new EmbeddedRedisOptions { Port = 0 };
        configure?.Invoke(options);
        var host = new EmbeddedRedisHost(options);
        if (withGateway)
        {
            await host.Broker.StartAsync(host.Gateway, CancellationToken.None);
        }

        await host._server.StartAsync(CancellationToken.None);
        return host;
    }

    /// <summary>Publishes as a browser does.</summary>
    public async Task PublishAsync(string channel, string payload) =>
        await Broker.PublishAsync(ChannelName.Parse(channel), Encoding.UTF8.GetBytes(payload), CancellationToken.None);

    /// <summary>Subscribes as the gateway does for its browsers.</summary>
    public async Task SubscribeAsync(string channel) => await Broker.SubscribeAsync(ChannelName.Parse(channel), CancellationToken.None);

    public Task StopAsync() => _server.StopAsync(CancellationToken.None);

    /// <summary>Without a stop before it.</summary>
    public void DisposeServer() => _server.Dispose();

    public async ValueTask DisposeAsync()
    {
        await Eventually.DoneAsync(StopAsync(), "the embedded Redis stops");
        _server.Dispose();
    }
}
