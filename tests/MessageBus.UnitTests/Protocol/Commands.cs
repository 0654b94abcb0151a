using MessageBus.Connections;
using MessageBus.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace MessageBus.UnitTests.Protocol;

/// <summary>The commands that the library registers, as it registers them.</summary>
internal static class Commands
{
    private static readonly CommandReader Reader = new([
        .. from service in new ServiceCollection().AddClientCommands()
           where service.ServiceType == typeof(CommandRegistration)
           select service.ImplementationType!.GetGenericArguments()[0] into record
           select ((string)record.GetProperty("Type")!.GetValue(null)!, record.GetMethod("Read")!.CreateDelegate<ReadCommand>())]);

    public static Command? Read(ReadOnlySpan<byte> utf8) => Reader.Read(utf8);
}
