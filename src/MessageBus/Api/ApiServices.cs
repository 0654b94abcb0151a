using MessageBus.Taps;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MessageBus.Api;

internal static class ApiServices
{
    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.TryAddSingleton<ApiAccess>();
        services.TryAddSingleton<PublishRate>();
        services.TryAddSingleton<PublishEndpoint>();
        services.TryAddSingleton<Listings>();
        services.TryAddSingleton<GatewayListings>();
        services.TryAddSingleton<DisconnectEndpoints>();
        services.TryAddSingleton<OpenTaps>();
        services.TryAddSingleton<TapEndpoint>();
        return services;
    }
}
