using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace MessageBus.Bench.Micro;

/// <summary>
/// How the classes of this folder are run: in this process, since a generated project would not find the repository's package versions,
/// and with allocations, which matter as much as time. A benchmark is a public class with [Benchmark] methods in this folder.
/// </summary>
internal sealed class MicroConfig : ManualConfig
{
    public MicroConfig()
    {
        AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance));
        AddDiagnoser(MemoryDiagnoser.Default);
        AddColumnProvider(DefaultColumnProviders.Instance);
        AddLogger(ConsoleLogger.Default);
        ArtifactsPath = Path.Combine(Path.GetTempPath(), "messagebus-bench");
    }
}
