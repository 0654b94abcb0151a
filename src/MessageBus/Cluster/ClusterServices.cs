using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace MessageBus.Cluster;

internal static class ClusterServices
{
    public static IServiceCollection AddCluster(this IServiceCollection services)
    {
        services.TryAddSingleton<OwnReport>();
        services.TryAddSingleton<PeerTable>();
        services.TryAddSingleton<PeerReports>();
        services.TryAddSingleton<Disconnections>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, Disconnections>(provider => provider.GetRequiredService<Disconnections>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, PeerReports>(provider => provider.GetRequiredService<PeerReports>()));
        return services;
    }
}
