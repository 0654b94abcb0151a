using System.Globalization;
using System.Net;

namespace MessageBus.IntegrationTests.Support;

/// <summary>What the kernel says about another process (proc(5)).</summary>
public static class ProcessFacts
{
    private const string Listening = "0A";

    /// <summary>Memory that it has at the moment, in MB.</summary>
    public static long ResidentMegabytes(int processId) =>
        long.Parse(File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ')[^2], CultureInfo.InvariantCulture) / 1024;

    public static int Threads(int processId) => Directory.GetDirectories($"/proc/{processId}/task").Length;

    public static int OpenFiles(int processId) => Directory.GetFileSystemEntries($"/proc/{processId}/fd").Length;

    /// <summary>Of all kinds. Other than files they do not grow with the parts of a program that are loaded when they are first needed.</summary>
    public static int OpenSockets(int processId) =>
        Directory.GetFileSystemEntries($"/proc/{processId}/fd").Count(descriptor => Target(descriptor)?.Contains("socket:", StringComparison.Ordinal) is true);

    /// <summary>How many files this process may open, and so its children.</summary>
    public static int MaxOpenFiles
    {
        get
        {
            var hard = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[4];
            return hard is "unlimited" ? int.MaxValue : (int)Math.Min(int.MaxValue, long.Parse(hard, CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Where it accepts TCP connections, and where it takes UDP datagrams.</summary>
    public static IReadOnlyList<IPEndPoint> Listeners(int processId)
    {
        var own = Directory.GetFileSystemEntries($"/proc/{processId}/fd").Select(Target).ToHashSet();
        return [
            .. from table in new[] { "tcp", "tcp6", "udp", "udp6" }
               from line in File.ReadLines($"/proc/{processId}/net/{table}").Skip(1)
               let column = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
               where own.Contains($"socket:[{column[9]}]") && (column[3] is Listening || table.StartsWith("udp", StringComparison.Ordinal))
               select EndPoint(column[1]),
        ];
    }

    private static string? Target(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget;
        }
        catch (IOException)
        {
            // Closed meanwhile.
            return null;
        }
    }

    /// <summary><c>ADDRESS:PORT</c> in hexadecimal; the address in 32-bit words, each in the machine's byte order.</summary>
    private static IPEndPoint EndPoint(string text)
    {
        var parts = text.Split(':');
        var words = Enumerable.Range(0, parts[0].Length / 8).Select(n => uint.Parse(parts[0].AsSpan(n * 8, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        return new IPEndPoint(new IPAddress(words.SelectMany(BitConverter.GetBytes).ToArray()), int.Parse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}
