using MessageBus.Access;
using MessageBus.Api;
using MessageBus.Brokers;
using MessageBus.Cluster;
using MessageBus.Connections;
using MessageBus.Delivery;
using MessageBus.Limits;
using MessageBus.Publishing;
using MessageBus.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace MessageBus;

/// <summary>Adds MessageBus to the services of an app.</summary>
public static class MessageBusServices
{
    /// <summary>For what a host still has to end when the connections are gone: requests under way, the broker.</summary>
    private static readonly TimeSpan TimeAfterDrain = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Adds the gateway, with a broker inside the process: enough for one node. <c>AddRedis()</c> on the result makes it Redis.
    /// A wrong option stops the start and names the key.
    /// </summary>
    public static MessageBusBuilder AddMessageBus(this IServiceCollection services, Action<MessageBusOptions>? configure = null)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, MessageBusLifetime>());
        services.AddMessageBusOptions(configure)
            .AddLimits()
            .AddAccess()
            .AddBroker()
            .AddDelivery()
            .AddPublishing()
            .AddClientConnections()
            .AddWebSocketConnections()
            .AddCluster()
            .AddApi();
        return new MessageBusBuilder(services);
    }

    /// <summary>Each feature asks for its own options only.</summary>
    private static IServiceCollection AddMessageBusOptions(this IServiceCollection services, Action<MessageBusOptions>? configure)
    {
        // Validated at the start, because what starts asks for them. ValidateOnStart() would keep a monitor that throws out of every bad reload.
        services.AddOptions<MessageBusOptions>().Configure(configure ?? (_ => { })).ValidateDataAnnotations();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<MessageBusOptions>, EnvironmentDefaults>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MessageBusOptions>, AccessValidation>());
        services.AddOptions<HostOptions>().PostConfigure<IOptions<MessageBusOptions>>(LeaveTimeToDrain);
        services.TryAddSingleton<AccessOptions>(Options);
        services.TryAddSingleton(provider => Options(provider).Limits);
        services.TryAddSingleton(provider => Options(provider).Delivery);
        services.TryAddSingleton(provider => Options(provider).Drain);
        services.TryAddSingleton(provider => Options(provider).Broker);
        services.TryAddSingleton(provider => Options(provider).Cluster);
        services.TryAddSingleton(provider => new AccessSource(
            [.. provider.GetServices<IOptionsChangeTokenSource<MessageBusOptions>>().Select(source => (Func<IChangeToken>)source.GetChangeToken)],
            () => provider.GetRequiredService<IOptionsFactory<MessageBusOptions>>().Create(Microsoft.Extensions.Options.Options.DefaultName)));
        return services;

        static MessageBusOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<MessageBusOptions>>().Value;
    }

    /// <summary>A host that stops waiting earlier than the drain would cut connections that still have messages to get.</summary>
    private static void LeaveTimeToDrain(HostOptions host, IOptions<MessageBusOptions> bus)
    {
        var needed = bus.Value.Drain.Timeout + TimeAfterDrain;
        if (host.ShutdownTimeout != Timeout.InfiniteTimeSpan && host.ShutdownTimeout < needed)
        {
            host.ShutdownTimeout = needed;
        }
    }

    /// <summary>Open in Development, closed elsewhere, unless it was said otherwise.</summary>
    private sealed class EnvironmentDefaults(IHostEnvironment environment) : IPostConfigureOptions<MessageBusOptions>
    {
        public void PostConfigure(string? name, MessageBusOptions options) => options.AllowAnonymous ??= environment.IsDevelopment();
    }

    /// <summary>Rules, automatic subscriptions, origins and keys that cannot be read stop the start, and a reload.</summary>
    private sealed class AccessValidation : IValidateOptions<MessageBusOptions>
    {
        public ValidateOptionsResult Validate(string? name, MessageBusOptions options)
        {
            var problems = new List<string>();
            AccessPolicy.Read(options, problems);
            return problems.Count is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}
