using Microsoft.Extensions.DependencyInjection;

namespace MessageBus;

/// <summary>What <c>AddMessageBus()</c> returns, for what is added to it: <c>AddRedis()</c>.</summary>
public sealed class MessageBusBuilder
{
    internal MessageBusBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the app.</summary>
    public IServiceCollection Services { get; }
}
