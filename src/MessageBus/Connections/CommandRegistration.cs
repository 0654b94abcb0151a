using MessageBus.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MessageBus.Connections;

/// <summary>A command that this gateway knows, with its handler.</summary>
internal abstract class CommandRegistration(string type, Type record, ReadCommand read)
{
    /// <summary>On the wire, and in metrics.</summary>
    public string Type => type;

    public Type Record => record;

    public ReadCommand Read => read;

    public abstract ValueTask<CommandResult> HandleAsync(Command command, Connection connection);
}

internal sealed class CommandRegistration<TCommand, THandler>(THandler handler) : CommandRegistration(TCommand.Type, typeof(TCommand), TCommand.Read)
    where TCommand : Command, ICommand
    where THandler : ICommandHandler<TCommand>
{
    public override ValueTask<CommandResult> HandleAsync(Command command, Connection connection) => handler.HandleAsync((TCommand)command, connection);
}

internal static class CommandRegistrations
{
    /// <summary>The commands of connections and subscriptions. Those of a feature are added by the feature.</summary>
    public static IServiceCollection AddClientCommands(this IServiceCollection services) => services
        .AddCommand<ConnectCommand, ConnectHandler>()
        .AddCommand<SubscribeCommand, SubscribeHandler>()
        .AddCommand<UnsubscribeCommand, UnsubscribeHandler>()
        .AddCommand<PublishCommand, PublishHandler>()
        .AddCommand<RefreshCommand, RefreshHandler>()
        .AddCommand<PingCommand, PingHandler>()
        .AddCommand<PongCommand, PongHandler>();

    /// <summary>Adds a command to those that clients can send.</summary>
    public static IServiceCollection AddCommand<TCommand, THandler>(this IServiceCollection services)
        where TCommand : Command, ICommand
        where THandler : class, ICommandHandler<TCommand>
    {
        services.TryAddSingleton<THandler>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<CommandRegistration, CommandRegistration<TCommand, THandler>>());
        return services;
    }
}
