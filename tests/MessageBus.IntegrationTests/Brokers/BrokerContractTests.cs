using System.Diagnostics.Metrics;
using MessageBus.Brokers;
using MessageBus.IntegrationTests.Support;
using MessageBus.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace MessageBus.IntegrationTests.Brokers;

public sealed class InMemoryBrokerContractTests : BrokerContract
{
    protected override Task<IBroker> CreateAsync() => Task.FromResult<IBroker>(new InMemoryBroker(TimeProvider.System));
}

public sealed class RedisBrokerContractTests : BrokerContract, IAsyncLifetime
{
    private RedisServerProcess _redis = null!;

    public async Task InitializeAsync() => _redis = await RedisServerProcess.StartAsync();

    public Task DisposeAsync() => _redis.DisposeAsync().AsTask();

    protected override Task<IBroker> CreateAsync() => Task.FromResult<IBroker>(NewRedisBroker.For(_redis.Endpoint));
}

/// <summary>Redis brokers as the services make them, without the services.</summary>
internal static class NewRedisBroker
{
    public static RedisBroker For(string configuration, TimeSpan? commandTimeout = null, ILogger<RedisBroker>? logger = null, TimeSpan? verifyInterval = null, string? user = null, string? password = null) => new(
        Options.Create(new RedisBrokerOptions
        {
            Configuration = configuration,
            User = user,
            Password = password,
            CommandTimeout = commandTimeout ?? TimeSpan.FromSeconds(5),
            VerifyInterval = verifyInterval ?? TimeSpan.FromSeconds(30),
        }),
        TimeProvider.System,
        new BrokerMetrics(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>()),
        logger ?? NullLogger<RedisBroker>.Instance);
}
