using MessageBus.Brokers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace MessageBus.EmbeddedRedis;

/// <summary>Adds the embedded Redis endpoint to an application.</summary>
public static class EmbeddedRedisServiceCollectionExtensions
{
    /// <summary>
    /// Adds a RESP endpoint on 127.0.0.1 over the application's <see cref="InMemoryBroker"/>, which must be registered as a singleton:
    /// any Redis client can then PUBLISH and SUBSCRIBE with nothing installed. It starts and stops with the host.
    /// </summary>
    public static IServiceCollection AddEmbeddedRedis(this IServiceCollection services, Action<EmbeddedRedisOptions>? configure = null)
    {
        services.AddOptions<EmbeddedRedisOptions>()
            .Configure(configure ?? (_ => { }))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<EmbeddedRedisServer>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, EmbeddedRedisServer>(
            provider => provider.GetRequiredService<EmbeddedRedisServer>()));
        return services;
    }
}
