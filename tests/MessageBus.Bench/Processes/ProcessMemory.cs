using System.Globalization;

namespace MessageBus.Bench.Processes;

/// <summary>Memory of a process: its proportional set size (pages shared with others counted by share), from /proc/PID/smaps_rollup.</summary>
internal static class ProcessMemory
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    public static double Kilobytes(int process)
    {
        var line = File.ReadLines($"/proc/{process}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until it has changed by less than half a percent for three seconds, at most <paramref name="limit"/>.</summary>
    public static async Task<double> SettledKilobytesAsync(int process, TimeSpan limit, CancellationToken cancellation)
    {
        var reference = Kilobytes(process);
        var stable = 0;
        for (var waited = TimeSpan.Zero; waited < limit && stable < 6; waited += Interval)
        {
            await Task.Delay(Interval, cancellation);
            var now = Kilobytes(process);
            stable = Math.Abs(now - reference) < reference * 0.005 ? stable + 1 : 0;
            reference = stable == 0 ? now : reference;
        }

        return Kilobytes(process);
    }
}
