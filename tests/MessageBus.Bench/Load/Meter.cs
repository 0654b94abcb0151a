using System.Diagnostics;

namespace MessageBus.Bench.Load;

/// <summary>What passed since it was made: time on the clock, and processor time of the server, the load generator and redis-server.</summary>
internal sealed class Meter(Target target)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly CoreTime _server = ProcessorTime.Of(target.ServerProcess);
    private readonly CoreTime _load = ProcessorTime.Of(Environment.ProcessId);
    private readonly CoreTime _redis = ProcessorTime.Of(target.RedisProcess);

    public double Seconds => Stopwatch.GetElapsedTime(_start).TotalSeconds;

    public CoreTime Server => ProcessorTime.Of(target.ServerProcess) - _server;

    public double LoadShare => (ProcessorTime.Of(Environment.ProcessId) - _load).Total / 1e6 / Seconds;

    public double RedisShare => (ProcessorTime.Of(target.RedisProcess) - _redis).Total / 1e6 / Seconds;
}
