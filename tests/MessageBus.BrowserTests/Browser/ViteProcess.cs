using System.Text.RegularExpressions;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.BrowserTests.Browser;

/// <summary>
/// The React page of client-js/examples/react, served by Vite, which has no configuration at all, as a developer starts it.
/// Disposing it leaves no process behind.
/// </summary>
internal sealed partial class ViteProcess : IAsyncDisposable
{
    private const string HowToInstall = "https://nodejs.org, 20 or newer";

    private static readonly string Folder = Path.Combine(IntegrationTests.Support.GatewayProcess.RepositoryRoot, "client-js", "examples", "react");

    private readonly AnnouncingProcess _process;

    private ViteProcess(AnnouncingProcess process) => _process = process;

    /// <summary>The address that it printed.</summary>
    public Uri Page => new(_process.Announcement.Groups[1].Value);

    /// <summary>Installs what the lock file of the page names, and a copy of the client as npm would pack it now.</summary>
    public static Task InstallAsync() =>
        InstalledTool.RunAsync("npm", HowToInstall, ["ci", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"], Folder, limit: TimeSpan.FromMinutes(4));

    /// <summary>Builds the page for production, to talk to <paramref name="bus"/>.</summary>
    public static Task BuildAsync(Uri bus) => InstalledTool.RunAsync("env", "coreutils", [Variable(bus), .. Vite("build")], Folder);

    /// <summary>Serves the page from its sources, on <paramref name="port"/> or the next one that is free.</summary>
    public static Task<ViteProcess> DevelopAsync(int port, Uri bus) => StartAsync(port, [Variable(bus), .. Vite("dev")]);

    /// <summary>Serves what <see cref="BuildAsync"/> has built, on <paramref name="port"/> or the next one that is free.</summary>
    public static Task<ViteProcess> PreviewAsync(int port) => StartAsync(port, Vite("preview"));

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static string[] Vite(string command) => ["node", "node_modules/vite/bin/vite.js", command];

    private static string Variable(Uri bus) => $"VITE_BUS_URL={bus.AbsoluteUri}";

    private static async Task<ViteProcess> StartAsync(int port, string[] command)
    {
        var vite = InstalledTool.Start("env", "coreutils", ["NO_COLOR=1", .. command, "--host", "127.0.0.1", "--port", $"{port}"], Folder);
        return new ViteProcess(await AnnouncingProcess.StartAsync(vite, Announcement()));
    }

    [GeneratedRegex("Local: +(http\\S+)")]
    private static partial Regex Announcement();
}
