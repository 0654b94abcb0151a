using System.Collections.Concurrent;
using System.Diagnostics;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.BrowserTests.Browser;

/// <summary>
/// The React page of client-js/examples/react, served by Vite, which has no configuration at all, as a developer starts it.
/// Disposing it leaves no process behind.
/// </summary>
internal sealed class ViteProcess : IAsyncDisposable
{
    private const string HowToInstall = "https://nodejs.org, 20 or newer";

    private static readonly string Folder = Path.Combine(IntegrationTests.Support.GatewayProcess.RepositoryRoot, "client-js", "examples", "react");

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = [];

    private ViteProcess(Process process, Uri page)
    {
        _process = process;
        Page = page;
        process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Page { get; }

    /// <summary>Installs what the lock file of the page names, and a copy of the client as npm would pack it now.</summary>
    public static Task InstallAsync() =>
        InstalledTool.RunAsync("npm", HowToInstall, ["ci", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"], Folder, limit: TimeSpan.FromMinutes(4));

    /// <summary>Builds the page for production, to talk to <paramref name="bus"/>.</summary>
    public static Task BuildAsync(Uri bus) => InstalledTool.RunAsync("env", "coreutils", [Variable(bus), .. Vite("build")], Folder);

    /// <summary>Serves the page from its sources.</summary>
    public static Task<ViteProcess> DevelopAsync(int port, Uri bus) => StartAsync(port, [Variable(bus), .. Vite("dev")]);

    /// <summary>Serves what <see cref="BuildAsync"/> has built.</summary>
    public static Task<ViteProcess> PreviewAsync(int port) => StartAsync(port, Vite("preview"));

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string[] Vite(string command) => ["node", "node_modules/vite/bin/vite.js", command];

    private static string Variable(Uri bus) => $"VITE_BUS_URL={bus.AbsoluteUri}";

    private static async Task<ViteProcess> StartAsync(int port, string[] command)
    {
        var process = InstalledTool.Start("env", "coreutils", [.. command, "--host", "127.0.0.1", "--port", $"{port}", "--strictPort"], Folder);
        var vite = new ViteProcess(process, new Uri($"http://127.0.0.1:{port}/"));
        try
        {
            using var http = new HttpClient();
            await Eventually.TrueAsync(async () => await vite.IsServingAsync(http), "Vite serves the page");
            return vite;
        }
        catch
        {
            await vite.DisposeAsync();
            throw;
        }
    }

    private async Task<bool> IsServingAsync(HttpClient http)
    {
        Assert.False(_process.HasExited, $"Vite has ended: {string.Join('\n', _output)}");
        try
        {
            using var response = await http.GetAsync(Page);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
