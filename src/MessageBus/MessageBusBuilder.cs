using System.Diagnostics.CodeAnalysis;
using MessageBus.Access;
using Microsoft.Extensions.DependencyInjection;

namespace MessageBus;

/// <summary>What <c>AddMessageBus()</c> returns, for what is added to it: <c>AddRedis()</c>, <see cref="AddChannelAuthorizer"/>.</summary>
public sealed class MessageBusBuilder
{
    internal MessageBusBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the app.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Lets code decide about the channels that no rule is about. It is a singleton: one that needs a database context makes a scope for each answer.
    /// Where there are several, the last one is asked.
    /// </summary>
    public MessageBusBuilder AddChannelAuthorizer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TAuthorizer>()
        where TAuthorizer : class, IChannelAuthorizer
    {
        Services.AddSingleton<IChannelAuthorizer, TAuthorizer>();
        return this;
    }
}
