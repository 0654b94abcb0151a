using MessageBus.Brokers;
using MessageBus.Redis.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace MessageBus.Redis;

/// <summary>Makes Redis the broker of MessageBus.</summary>
public static class RedisServices
{
    /// <summary>Uses Redis. Without <paramref name="configure"/>: the one of <c>ConnectionStrings:Redis</c>.</summary>
    public static MessageBusBuilder AddRedis(this MessageBusBuilder builder, Action<RedisBrokerOptions>? configure = null)
    {
        builder.Services.AddOptions<RedisBrokerOptions>()
            .Configure<IConfiguration>((options, configuration) =>
            {
                options.Configuration = configuration.GetConnectionString("Redis");
                options.User = configuration["MessageBus:Redis:User"];
                options.Password = configuration["MessageBus:Redis:Password"];
            })
            .Configure(configure ?? (_ => { }))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RedisBrokerOptions>, ReadableConfiguration>());
        builder.Services.Replace(ServiceDescriptor.Singleton<IBroker, RedisBroker>());
        builder.Services.TryAddSingleton(services => ((RedisBroker)services.GetRequiredService<IBroker>()).Home);
        return builder;
    }

    /// <summary>Stops the start at a connection string that cannot be read. What it says of it repeats nothing that may be secret.</summary>
    private sealed class ReadableConfiguration : IValidateOptions<RedisBrokerOptions>
    {
        public ValidateOptionsResult Validate(string? name, RedisBrokerOptions options)
        {
            if (string.IsNullOrWhiteSpace(options.Configuration))
            {
                return ValidateOptionsResult.Skip;
            }

            return RedisSettings.TryRead(options.Configuration, options.User, options.Password, out _, out var problem) ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problem);
        }
    }
}
