using MessageBus.Brokers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MessageBus.Redis;

/// <summary>Makes Redis the broker of MessageBus.</summary>
public static class RedisServices
{
    /// <summary>Uses Redis. Without <paramref name="configure"/>: the one of <c>ConnectionStrings:Redis</c>.</summary>
    public static MessageBusBuilder AddRedis(this MessageBusBuilder builder, Action<RedisBrokerOptions>? configure = null)
    {
        builder.Services.AddOptions<RedisBrokerOptions>()
            .Configure<IConfiguration>((options, configuration) => options.Configuration = configuration.GetConnectionString("Redis"))
            .Configure(configure ?? (_ => { }))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.Replace(ServiceDescriptor.Singleton<IBroker, RedisBroker>());
        return builder;
    }
}
