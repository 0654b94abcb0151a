using System.Diagnostics;

namespace MessageBus.IntegrationTests.Support;

/// <summary>A command of the built program, as an operator runs it.</summary>
public sealed record GatewayCommand(int ExitCode, string Output, string Errors)
{
    /// <summary>Runs it to its end. Settings are environment variables, <c>NAME=value</c>.</summary>
    public static Task<GatewayCommand> RunAsync(string[] settings, params string[] arguments) => RunWithInputAsync("", settings, arguments);

    /// <summary>The same with something to read from its standard input.</summary>
    public static async Task<GatewayCommand> RunWithInputAsync(string input, string[] settings, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(GatewayProcess.Folder, "MessageBus.Gateway.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var inherited in start.Environment.Keys.Where(key => key.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || key is "DOTNET_ENVIRONMENT").ToList())
        {
            start.Environment.Remove(inherited);
        }

        foreach (var setting in settings)
        {
            var equals = setting.IndexOf('=', StringComparison.Ordinal);
            start.Environment[setting[..equals]] = setting[(equals + 1)..];
        }

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await Eventually.DoneAsync(process.WaitForExitAsync(), "the command ends", TimeSpan.FromSeconds(60));
        return new GatewayCommand(process.ExitCode, await output, await errors);
    }
}
