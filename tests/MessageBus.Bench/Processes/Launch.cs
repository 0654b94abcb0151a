using System.Diagnostics;

namespace MessageBus.Bench.Processes;

/// <summary>Command lines: finding programs, this executable as another role, pinning to cores.</summary>
internal static class Launch
{
    /// <summary>The program's path, or null where it is not installed.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>This executable again, with other arguments.</summary>
    public static ProcessStartInfo Self(params string[] arguments)
    {
        var executable = Environment.ProcessPath!;
        string[] prefix = Path.GetFileNameWithoutExtension(executable) == "dotnet" ? [typeof(Launch).Assembly.Location] : [];
        return new ProcessStartInfo(executable, [.. prefix, .. arguments]);
    }

    /// <summary>The same command, allowed on <paramref name="cores"/> only. taskset replaces itself by the program, so the process id is the program's.</summary>
    public static ProcessStartInfo Pin(ProcessStartInfo command, string cores)
    {
        var pinned = new ProcessStartInfo("taskset", ["-c", cores, command.FileName, .. command.ArgumentList])
        {
            WorkingDirectory = command.WorkingDirectory,
        };
        foreach (var (key, value) in command.Environment)
            pinned.Environment[key] = value;
        return pinned;
    }
}
