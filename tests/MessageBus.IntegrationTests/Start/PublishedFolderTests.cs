using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Start;

/// <summary>What <c>dotnet publish</c> makes runs on its own.</summary>
[Trait("Sockets", "Either")]
public sealed class PublishedFolderTests
{
    [Fact]
    public async Task A_published_folder_runs_from_any_working_directory_and_serves_the_client()
    {
        var folder = Directory.CreateTempSubdirectory("messagebus-published-");
        try
        {
            await InstalledTool.RunAsync("dotnet", "the .NET 10 SDK",
                ["publish", "src/MessageBus.Gateway", "-c", "Release", "-o", folder.FullName, "-nodeReuse:false", "-p:UseSharedCompilation=false"],
                GatewayProcess.RepositoryRoot,
                limit: TimeSpan.FromMinutes(6));

            await using var gateway = await GatewayProcess.StartInAsync(
                folder.FullName, Path.GetTempPath(), "DOTNET_ENVIRONMENT=Development", "--urls=http://127.0.0.1:0", $"MessageBus__EmbeddedPort={FreePort.Next()}");
            using var http = new HttpClient { BaseAddress = gateway.Addresses[0] };

            Assert.Contains("export ", await http.GetStringAsync("/bus/client.js"), StringComparison.Ordinal);
            Assert.Contains("<html", await http.GetStringAsync("/"), StringComparison.Ordinal);
            Assert.Equal("Healthy", await http.GetStringAsync("/health/ready"));

            // Its appsettings.json is found beside it: without that, the framework's own chatter is logged.
            Assert.DoesNotContain(gateway.Lines, line => line.Contains("Content root path", StringComparison.Ordinal));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
