using MessageBus.Brokers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

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
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RedisBrokerOptions>, ReadableConfiguration>());
        builder.Services.Replace(ServiceDescriptor.Singleton<IBroker, RedisBroker>());
        return builder;
    }

    /// <summary>Stops the start at a configuration string that the client does not understand. What it says of it names the option, never its value.</summary>
    private sealed class ReadableConfiguration : IValidateOptions<RedisBrokerOptions>
    {
        public ValidateOptionsResult Validate(string? name, RedisBrokerOptions options)
        {
            if (string.IsNullOrWhiteSpace(options.Configuration))
            {
                return ValidateOptionsResult.Skip;
            }

            try
            {
                return ConfigurationOptions.Parse(options.Configuration).EndPoints.Count > 0
                    ? ValidateOptionsResult.Success
                    : ValidateOptionsResult.Fail("ConnectionStrings:Redis names no server. Right is, for example, 'localhost:6379'.");
            }
            catch (ArgumentException e)
            {
                return ValidateOptionsResult.Fail($"ConnectionStrings:Redis cannot be read: {e.Message}");
            }
        }
    }
}
