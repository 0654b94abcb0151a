using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.EmbeddedRedis;

/// <summary>One real redis-server and one embedded one for the tests that compare them.</summary>
public sealed class BothServers : IAsyncLifetime
{
    private RedisServerProcess? _real;
    private EmbeddedRedisHost? _embedded;

    public int RealPort => _real!.Port;

    public int EmbeddedPort => _embedded!.Port;

    public async Task InitializeAsync()
    {
        _real = await RedisServerProcess.StartAsync();
        _embedded = await EmbeddedRedisHost.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _real!.DisposeAsync();
        await _embedded!.DisposeAsync();
    }
}
