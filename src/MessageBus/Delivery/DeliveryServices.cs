using MessageBus.Brokers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace MessageBus.Delivery;

internal static class DeliveryServices
{
    public static IServiceCollection AddDelivery(this IServiceCollection services)
    {
        services.TryAddSingleton<LoopHistograms>();
        services.TryAddSingleton<PublicationCounters>();
        services.TryAddSingleton<DeliveryLoops>();
        services.TryAddSingleton(provider => new ChannelDirectory(
            provider.GetRequiredService<IBroker>(),
            provider.GetRequiredService<DeliveryOptions>(),
            provider.GetRequiredService<DeliveryLoops>().Count,
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<BrokerDeliveries>();
        services.TryAddSingleton<ChannelRates>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, DeliveryMetrics>());
        return services;
    }
}
