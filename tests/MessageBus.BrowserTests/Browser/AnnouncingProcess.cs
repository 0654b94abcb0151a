using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.BrowserTests.Browser;

/// <summary>A program that says in a line of its output when it can be used. Disposing it leaves no process behind.</summary>
internal sealed class AnnouncingProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Regex _announcement;
    private readonly ConcurrentQueue<string> _output = [];

    private AnnouncingProcess(Process process, Regex announcement)
    {
        _process = process;
        _announcement = announcement;
        process.OutputDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => _output.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>What it said.</summary>
    public Match Announcement { get; private set; } = Match.Empty;

    /// <summary>Takes the process, whose output is redirected, and returns once it has written a line that matches.</summary>
    public static async Task<AnnouncingProcess> StartAsync(Process process, Regex announcement)
    {
        var announcing = new AnnouncingProcess(process, announcement);
        try
        {
            await Eventually.TrueAsync(announcing.HasAnnounced, "the program prints its address");
            return announcing;
        }
        catch
        {
            await announcing.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it, and what it has started, with SIGKILL, as a crash would.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private bool HasAnnounced()
    {
        Assert.False(_process.HasExited, $"The process has ended: {string.Join('\n', _output)}");
        Announcement = _output.Select(line => _announcement.Match(line)).FirstOrDefault(match => match.Success, Match.Empty);
        return Announcement.Success;
    }
}
