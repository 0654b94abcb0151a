using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace MessageBus.IntegrationTests.Support;

/// <summary>The built program as a process of its own, as an operator starts it. Disposing it ends it with SIGTERM.</summary>
public sealed partial class GatewayProcess : IAsyncDisposable
{
    private const string Listens = "MessageBus listens on ";

    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly List<string> _lines = [];
    private Task<string>? _rest;

    private GatewayProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>What it has written to standard output so far.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Where it listens, as it says.</summary>
    public IReadOnlyList<Uri> Addresses { get; private set; } = [];

    /// <summary>Of the operating system.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Its WebSocket endpoint.</summary>
    public Uri Bus => new UriBuilder(Addresses[0]) { Scheme = Addresses[0].Scheme is "https" ? "wss" : "ws", Path = "/bus" }.Uri;

    /// <summary>Where its metrics are on a port of their own, as it says.</summary>
    public Uri Metrics => new(_lines.Select(line => MetricsAddress().Match(line)).First(match => match.Success).Groups[1].Value);

    /// <summary>The folder of the gateway's own build, beside the one of these tests.</summary>
    public static string Folder { get; } = FindFolder();

    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>Starts it and returns once it listens. A setting is an environment variable, or an argument where it starts with <c>--</c>.</summary>
    public static async Task<GatewayProcess> StartAsync(params string[] settings)
    {
        var gateway = Launch(Folder, Folder, settings);
        await gateway.ListensAsync();
        return gateway;
    }

    /// <summary>The same for one that may have so many files and sockets open.</summary>
    public static async Task<GatewayProcess> StartWithFilesAsync(int files, params string[] settings)
    {
        // The limit is inherited. The runtime raises the soft one to the hard one, so both are set.
        var gateway = Launch(Folder, Folder, settings, "sh", "-c", $"ulimit -n {files} && exec dotnet \"$@\"", "sh");
        await gateway.ListensAsync();
        return gateway;
    }

    /// <summary>The same from another folder, with another working directory.</summary>
    public static async Task<GatewayProcess> StartInAsync(string folder, string workingDirectory, params string[] settings)
    {
        var gateway = Launch(folder, workingDirectory, settings);
        await gateway.ListensAsync();
        return gateway;
    }

    /// <summary>Starts it with settings that it cannot start with. Returns what it writes to standard error.</summary>
    public static async Task<string> FailToStartAsync(params string[] settings)
    {
        await using var gateway = Launch(Folder, Folder, settings);
        var output = gateway._process.StandardOutput.ReadToEndAsync();
        await Eventually.DoneAsync(gateway._process.WaitForExitAsync(), "the gateway gives up", TimeSpan.FromSeconds(60));
        var errors = await gateway._errors;
        Assert.True(gateway._process.ExitCode is 1, $"Exit code {gateway._process.ExitCode}: {errors}{await output}");
        return errors;
    }

    /// <summary>Reads output up to the first line with <paramref name="text"/>.</summary>
    public async Task<string> ReadLineWithAsync(string text)
    {
        while (true)
        {
            var line = await Eventually.ResultAsync(_process.StandardOutput.ReadLineAsync(), $"the gateway writes '{text}'", TimeSpan.FromSeconds(60))
                ?? throw new InvalidOperationException($"The gateway has ended: {string.Join('\n', _lines)}{await _errors}");
            _lines.Add(line);
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }
    }

    /// <summary>From now on its output is read as it comes: a talkative one would otherwise wait for its reader.</summary>
    public void ReadOn() => _rest ??= _process.StandardOutput.ReadToEndAsync();

    /// <summary>Ends it with SIGTERM. Returns its exit code and the rest of its output.</summary>
    public async Task<int> TerminateAsync()
    {
        BeginToTerminate();
        return await WaitForExitAsync();
    }

    /// <summary>Sends SIGTERM, without waiting for what comes of it.</summary>
    public void BeginToTerminate() => _process.Terminate();

    /// <summary>Waits for its end. Returns its exit code and keeps the rest of its output.</summary>
    public async Task<int> WaitForExitAsync()
    {
        ReadOn();
        await Eventually.DoneAsync(_process.WaitForExitAsync(), "the gateway ends", TimeSpan.FromMinutes(2));
        _lines.AddRange((await _rest!).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        return _process.ExitCode;
    }

    /// <summary>Ends it with SIGKILL, as a crash would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Makes it hang, with its connections open, until <see cref="Thaw"/>.</summary>
    public void Freeze() => _process.Freeze();

    public void Thaw() => _process.Thaw();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            try
            {
                Assert.Equal(0, await TerminateAsync());
            }
            finally
            {
                _process.Kill();
            }
        }

        _process.Dispose();
    }

    private static GatewayProcess Launch(string folder, string workingDirectory, string[] settings, params string[] starter)
    {
        var start = new ProcessStartInfo(starter.FirstOrDefault("dotnet"), [.. starter.Skip(1), Path.Combine(folder, "MessageBus.Gateway.dll"), .. settings.Where(IsArgument)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = workingDirectory,
        };
        foreach (var inherited in start.Environment.Keys.Where(key => key.StartsWith("ASPNETCORE_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(inherited);
        }

        start.Environment.Remove("DOTNET_ENVIRONMENT");
        foreach (var (key, value) in HurriedClients.Settings)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        foreach (var setting in settings.Where(setting => !IsArgument(setting)))
        {
            var equals = setting.IndexOf('=', StringComparison.Ordinal);
            start.Environment[setting[..equals]] = setting[(equals + 1)..];
        }

        return new GatewayProcess(Process.Start(start)!);
    }

    [GeneratedRegex("Metrics are served at \"?(http[^\" ]+)")]
    private static partial Regex MetricsAddress();

    private static bool IsArgument(string setting) => setting.StartsWith("--", StringComparison.Ordinal);

    private async Task ListensAsync()
    {
        var line = await ReadLineWithAsync(Listens);
        var text = line.StartsWith('{') ? JsonSerializer.Deserialize<JsonElement>(line).GetProperty("RenderedMessage").GetString()! : line;
        var addresses = text[(text.IndexOf(Listens, StringComparison.Ordinal) + Listens.Length)..].Trim('"');
        Addresses = [.. addresses.Split(", ").Select(address => new Uri(address))];
    }

    private static string FindFolder()
    {
        // bin/CONFIGURATION/FRAMEWORK is the same for both projects.
        var tests = new DirectoryInfo(Path.GetDirectoryName(typeof(Program).Assembly.Location)!);
        var folder = Path.Combine(FindRoot(), "src", "MessageBus.Gateway", "bin", tests.Parent!.Name, tests.Name);
        Assert.True(File.Exists(Path.Combine(folder, "appsettings.json")), $"The gateway is not built in {folder}.");
        return folder;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MessageBus.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        return folder.FullName;
    }
}
