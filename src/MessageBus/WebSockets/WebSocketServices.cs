using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MessageBus.WebSockets;

internal static class WebSocketServices
{
    public static IServiceCollection AddWebSocketConnections(this IServiceCollection services)
    {
        services.TryAddSingleton<WebSocketEndpoint>();
        return services;
    }
}
