using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Hostile;

/// <summary>A gateway in a process of its own, open to everybody: what it holds of memory, files and listeners is its own, and its log can be read.</summary>
internal static class SeparateGateway
{
    public static Task<GatewayProcess> StartAsync(params string[] settings) =>
        GatewayProcess.StartAsync(["DOTNET_ENVIRONMENT=Development", "--urls=http://127.0.0.1:0", $"MessageBus__EmbeddedPort={FreePort.Next()}", .. settings]);
}
