using MessageBus.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MessageBus.Brokers;

internal static class BrokerServices
{
    /// <summary>The broker inside the process, unless there is another, and what watches it.</summary>
    public static IServiceCollection AddBroker(this IServiceCollection services)
    {
        services.TryAddSingleton<InMemoryBroker>();
        services.TryAddSingleton<IBroker>(provider => provider.GetRequiredService<InMemoryBroker>());
        services.TryAddSingleton<BrokerMetrics>();
        services.TryAddSingleton<ControlChannels>();
        services.TryAddSingleton<BrokerProbe>();
        services.AddHealthChecks().AddCheck<BrokerHealthCheck>("broker", tags: [HealthTags.Ready]);
        return services;
    }
}
