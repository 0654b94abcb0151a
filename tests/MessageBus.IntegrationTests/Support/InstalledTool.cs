using System.ComponentModel;
using System.Diagnostics;

namespace MessageBus.IntegrationTests.Support;

/// <summary>Starts programs that the tests need on the machine. A missing one fails the test with the command that installs it.</summary>
public static class InstalledTool
{
    /// <summary>Starts <paramref name="name"/> with all three standard streams redirected.</summary>
    public static Process Start(string name, string howToInstall, IEnumerable<string> arguments, string? workingDirectory = null)
    {
        var start = new ProcessStartInfo(name, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = workingDirectory ?? "",
        };

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException($"The tests need {name}. Install it: {howToInstall}", missing);
        }
    }

    /// <summary>Runs <paramref name="name"/> to its end and returns what it wrote; fails with its error output when its exit code is not 0.</summary>
    public static async Task<string> RunAsync(string name, string howToInstall, IEnumerable<string> arguments, string? workingDirectory = null, byte[]? input = null, TimeSpan? limit = null)
    {
        using var process = Start(name, howToInstall, arguments, workingDirectory);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.BaseStream.WriteAsync(input ?? []);
        process.StandardInput.Close();

        var patience = limit ?? TimeSpan.FromMinutes(2);
        using var deadline = new CancellationTokenSource(patience);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{name} did not end within {patience}.");
        }

        Assert.True(process.ExitCode == 0, $"{name} ended with {process.ExitCode}: {await errors}{await output}");
        return await output;
    }
}
