using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MessageBus.Bench.Processes;

/// <summary>What this machine gives: cores, descriptors, free ports.</summary>
internal static class Machine
{
    /// <summary>The core of the server under test, and of nothing else.</summary>
    public const string ServerCore = "0";

    /// <summary>The core of the load generator, of redis-server and of the bench itself.</summary>
    public const string LoadCore = "1";

    /// <summary>For what is not pinned. Said explicitly, because children inherit the bench's own pinning.</summary>
    public static string AllCores => $"0-{Environment.ProcessorCount - 1}";

    /// <summary>Why figures cannot be had here, or null.</summary>
    public static string? Unfit()
    {
        if (!OperatingSystem.IsLinux())
            return "the bench needs Linux: its load generator uses epoll, and figures come from /proc";
        if (Environment.ProcessorCount < 2)
            return "the bench needs two cores: one for the server, one for the load generator and redis-server";
        return Launch.Find("taskset") is null ? "taskset is missing: apt-get install util-linux"
            : Launch.Find("redis-server") is null ? "redis-server is missing: apt-get install redis-server"
            : null;
    }

    /// <summary>Descriptors that a process may have. The .NET runtime raises its soft limit to the hard one when it starts, and children inherit that.</summary>
    public static int Descriptors()
    {
        var line = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        var hard = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4];
        return int.TryParse(hard, CultureInfo.InvariantCulture, out var limit) ? limit : int.MaxValue;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static string Describe()
    {
        var processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
        return $"{Environment.ProcessorCount} cores {processor}, Linux {Environment.OSVersion.Version}, .NET {Environment.Version}";
    }
}
