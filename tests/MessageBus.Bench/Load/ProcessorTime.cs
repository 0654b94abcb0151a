using System.Globalization;

namespace MessageBus.Bench.Load;

/// <summary>
/// Processor time of a process from /proc/PID/stat (proc(5), fields 14 and 15): all its threads, also the ended ones, in ticks of 10 ms.
/// The kernel scales the two to the exact run time, so the sum is good to a tick while the division between them is sampled.
/// </summary>
internal static class ProcessorTime
{
    private const double MicrosecondsPerTick = 10_000;

    public static CoreTime Of(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return new CoreTime(Microseconds(fields[11]), Microseconds(fields[12]));
        }
        catch (IOException)
        {
            throw new IOException($"process {process} has ended");
        }
    }

    private static double Microseconds(string ticks) => double.Parse(ticks, CultureInfo.InvariantCulture) * MicrosecondsPerTick;
}
