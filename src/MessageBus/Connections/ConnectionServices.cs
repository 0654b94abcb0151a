using MessageBus.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace MessageBus.Connections;

internal static class ConnectionServices
{
    public static IServiceCollection AddClientConnections(this IServiceCollection services)
    {
        services.TryAddSingleton<ConnectionCounters>();
        services.TryAddSingleton<CommandDispatcher>();
        services.AddClientCommands();
        services.TryAddSingleton<TokenAuthentication>();
        services.TryAddSingleton<ConnectionRegistry>();
        services.TryAddSingleton<Drain>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ConnectionMetrics>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, AccessReload>());
        services.AddHealthChecks().AddCheck<DrainHealthCheck>("connections", tags: [HealthTags.Ready]);
        return services;
    }
}
