using System.Diagnostics;
using System.Net;
using MessageBus.IntegrationTests.Api;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Docs;

/// <summary>The commands for tokens and keys in the docs, run by a shell as written, with the built program in place of <c>dotnet run</c>.</summary>
public sealed class DocCommandTests
{
    // Not every machine that runs the tests has it.
    private const string OpenSsl = "openssl() { [ \"$*\" = 'rand -base64 48' ] && head -c 48 /dev/urandom | base64 -w 0; }";

    [Fact]
    public async Task A_token_is_made_and_inspected()
    {
        var said = await RunAsync(DocPage.BlockAfter("authentication.md", "With a secret that your backend shares", "sh"));

        Assert.Contains("\"sub\": \"42\"", said, StringComparison.Ordinal);
        Assert.Contains("Accepted. It counts for 59 minutes", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_is_made_that_the_API_accepts()
    {
        var lines = (await RunAsync($"{DocPage.BlockAfter("security.md", "API keys are for backends", "sh")}\necho \"$KEY\"; env | grep ^MessageBus__ApiKeys")).Split('\n');
        var settings = lines.Where(line => line.StartsWith("MessageBus__", StringComparison.Ordinal)).Select(line => line.Split('=', 2));

        await using var gateway = GatewayApp.Start([.. settings.Select(setting => (setting[0].Replace("__", ":", StringComparison.Ordinal), setting[1]))]);

        Assert.Equal(HttpStatusCode.OK, await ApiCall.StatusAsync(gateway.Http, "GET", "/api/channels", ApiCall.With(lines[0])));
        Assert.Equal(HttpStatusCode.NoContent, await ApiCall.StatusAsync(gateway.Http, "POST", "/api/publish?channel=a", ApiCall.With(lines[0])));
        Assert.Equal(HttpStatusCode.Forbidden, await ApiCall.StatusAsync(gateway.Http, "DELETE", "/api/users/42/connections", ApiCall.With(lines[0])));
        Assert.Equal(HttpStatusCode.Unauthorized, await ApiCall.StatusAsync(gateway.Http, "GET", "/api/channels"));
    }

    private static async Task<string> RunAsync(string commands)
    {
        const string Run = "dotnet run --project src/MessageBus.Gateway --";
        var script = commands.Replace(Run, $"dotnet '{Path.Combine(GatewayProcess.Folder, "MessageBus.Gateway.dll")}'", StringComparison.Ordinal);
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", $"{OpenSsl}\n{script}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var shell = Process.Start(start)!;
        var (output, errors) = (shell.StandardOutput.ReadToEndAsync(), shell.StandardError.ReadToEndAsync());
        await Eventually.DoneAsync(shell.WaitForExitAsync(), "the commands end", TimeSpan.FromSeconds(60));
        Assert.True(shell.ExitCode is 0, $"Exit code {shell.ExitCode}: {await errors}");
        return await output;
    }
}
