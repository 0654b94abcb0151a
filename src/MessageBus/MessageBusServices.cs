using MessageBus.Access;
using MessageBus.Api;
using MessageBus.Brokers;
using MessageBus.Connections;
using MessageBus.Delivery;
using MessageBus.Diagnostics;
using MessageBus.Limits;
using MessageBus.Peers;
using MessageBus.Taps;
using MessageBus.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

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
        // Validated at the start, because what starts asks for them. ValidateOnStart() would keep a monitor that throws out of every bad reload.
        services.AddOptions<MessageBusOptions>().Configure(configure ?? (_ => { })).ValidateDataAnnotations();
        services.AddSingleton<IPostConfigureOptions<MessageBusOptions>, EnvironmentDefaults>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MessageBusOptions>, AccessValidation>());

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<InMemoryBroker>();
        services.TryAddSingleton<IBroker>(provider => provider.GetRequiredService<InMemoryBroker>());

        services.AddMetrics();
        services.TryAddSingleton<BrokerMetrics>();
        services.TryAddSingleton<LoopHistograms>();
        services.TryAddSingleton<PublicationCounters>();
        services.TryAddSingleton<ConnectionCounters>();
        services.TryAddSingleton<DeliveryLoops>();
        services.TryAddSingleton(provider => new ChannelDirectory(
            provider.GetRequiredService<IBroker>(),
            provider.GetRequiredService<IOptions<MessageBusOptions>>().Value,
            provider.GetRequiredService<DeliveryLoops>().Count,
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<ChannelAccess>();
        services.TryAddSingleton(provider => new BrokerDeliveries(
            provider.GetRequiredService<ChannelDirectory>(),
            provider.GetRequiredService<DeliveryLoops>(),
            provider.GetRequiredService<IOptions<MessageBusOptions>>().Value,
            provider.GetRequiredService<PublicationCounters>(),
            provider.GetRequiredService<BrokerMetrics>(),
            provider.GetRequiredService<IUnclaimedPublications>()));
        services.TryAddSingleton<ConnectionLimits>();
        services.TryAddSingleton(provider => new CommandRates(
            provider.GetRequiredService<IOptions<MessageBusOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<CommandDispatcher>();
        services.AddClientCommands();
        services.TryAddSingleton<TokenAuthentication>();
        services.TryAddSingleton<ConnectionRegistry>();
        services.TryAddSingleton<OriginCheck>();
        services.TryAddSingleton<Drain>();
        services.TryAddSingleton<Canary>();
        services.TryAddSingleton<WebSocketEndpoint>();
        services.TryAddSingleton<ApiAccess>();
        services.TryAddSingleton<PublishRate>();
        services.TryAddSingleton<PublishEndpoint>();
        services.TryAddSingleton<Listings>();
        services.TryAddSingleton<Disconnections>();
        services.TryAddSingleton<OwnReport>();
        services.TryAddSingleton<PeerTable>();
        services.TryAddSingleton<PeerReports>();
        services.TryAddSingleton<IUnclaimedPublications>(provider => new GatewayChannels(
            provider.GetRequiredService<Disconnections>(), provider.GetRequiredService<PeerReports>()));
        services.TryAddSingleton<DisconnectEndpoints>();
        services.TryAddSingleton<GatewayListings>();
        services.TryAddSingleton<ChannelRates>();
        services.TryAddSingleton<OpenTaps>();
        services.TryAddSingleton<TapEndpoint>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, MessageBusLifetime>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, GatewayMetrics>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, AccessReload>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, Disconnections>(provider => provider.GetRequiredService<Disconnections>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, PeerReports>(provider => provider.GetRequiredService<PeerReports>()));
        services.AddOptions<HostOptions>().PostConfigure<IOptions<MessageBusOptions>>(LeaveTimeToDrain);
        services.AddHealthChecks()
            .AddCheck<BrokerHealthCheck>("broker", tags: [HealthTags.Ready])
            .AddCheck<DrainHealthCheck>("connections", tags: [HealthTags.Ready]);
        return new MessageBusBuilder(services);
    }

    /// <summary>A host that stops waiting earlier than the drain would cut connections that still have messages to get.</summary>
    private static void LeaveTimeToDrain(HostOptions host, IOptions<MessageBusOptions> bus)
    {
        var needed = bus.Value.DrainTimeout + TimeAfterDrain;
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
}
