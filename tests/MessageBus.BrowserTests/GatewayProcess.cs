using System.Diagnostics;
using System.Text.RegularExpressions;
using MessageBus.BrowserTests.Browser;

namespace MessageBus.BrowserTests;

/// <summary>The gateway as a program of its own, in Development, as somebody starts it in a terminal. Disposing it leaves no process behind.</summary>
internal sealed partial class GatewayProcess : IAsyncDisposable
{
    private readonly AnnouncingProcess _process;

    private GatewayProcess(AnnouncingProcess process) => _process = process;

    /// <summary>The address that it printed.</summary>
    public Uri Page => new(_process.Announcement.Groups["page"].Value);

    /// <summary>The line for a terminal that it printed.</summary>
    public string RedisLine => _process.Announcement.Groups["line"].Value;

    /// <summary>Starts the program and returns once it has said what to try. Port 0 in <paramref name="urls"/> is a free one.</summary>
    public static async Task<GatewayProcess> StartAsync(string urls, params (string Key, string Value)[] environment)
    {
        var program = typeof(Program).Assembly.Location;
        var start = new ProcessStartInfo("dotnet", [program, "--urls", urls])
        {
            WorkingDirectory = Path.GetDirectoryName(program),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("ASPNETCORE_ENVIRONMENT");
        start.Environment["DOTNET_ENVIRONMENT"] = "Development";
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        return new GatewayProcess(await AnnouncingProcess.StartAsync(Process.Start(start)!, Announcement()));
    }

    /// <summary>Ends it with SIGKILL, as a crash would.</summary>
    public Task KillAsync() => _process.KillAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [GeneratedRegex("Open (?<page>http\\S+) and then run: (?<line>redis-cli .+)$")]
    private static partial Regex Announcement();
}
