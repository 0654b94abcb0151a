using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.BrowserTests;

/// <summary>The gateway as a program of its own, in Development, as somebody starts it in a terminal. Disposing it leaves no process behind.</summary>
internal sealed partial class GatewayProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = [];

    private GatewayProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The address that it printed.</summary>
    public Uri Page { get; private set; } = null!;

    /// <summary>The line for a terminal that it printed.</summary>
    public string RedisLine { get; private set; } = "";

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

        var gateway = new GatewayProcess(Process.Start(start)!);
        try
        {
            await Eventually.TrueAsync(gateway.HasAnnounced, "the gateway prints its address");
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it with SIGKILL, as a crash would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private bool HasAnnounced()
    {
        Assert.False(_process.HasExited, $"The gateway has ended: {string.Join('\n', _output)}");
        var announced = _output.Select(line => Announcement().Match(line)).FirstOrDefault(match => match.Success);
        if (announced is not null)
        {
            Page = new Uri(announced.Groups["page"].Value);
            RedisLine = announced.Groups["line"].Value;
        }

        return announced is not null;
    }

    [GeneratedRegex("Open (?<page>http\\S+) and then run: (?<line>redis-cli .+)$")]
    private static partial Regex Announcement();
}
