using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MessageBus.Limits;

internal static class LimitServices
{
    public static IServiceCollection AddLimits(this IServiceCollection services)
    {
        services.TryAddSingleton<ConnectionLimits>();
        services.TryAddSingleton<CommandRates>();
        return services;
    }
}
