using MessageBus.Bench.Load;
using MessageBus.Bench.Processes;
using MessageBus.Bench.Report;
using MessageBus.Bench.Systems;

namespace MessageBus.Bench.Scenarios;

/// <summary>One system, started with its own redis-server and load generator, for one scenario and one round.</summary>
internal sealed class Stage(
    string scenario, ISystem system, RunningSystem server, RedisServer redis, LoadClient load, RunOptions options,
    Results results, Action<string> say, CancellationToken cancellation)
{
    private const int SpareDescriptors = 300;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(40);

    public double Seconds => options.Seconds;

    public CancellationToken Cancellation => cancellation;

    public RedisServer Redis => redis;

    /// <summary>Where the system listens.</summary>
    public int Port => server.Port;

    /// <summary>Whether the system speaks TLS.</summary>
    public bool Tls => system.Tls;

    /// <summary>The number of connections or channels to use, which a quick run divides by ten.</summary>
    public int Scaled(int count) => options.Quick ? Math.Max(count / 10, 1) : count;

    public async Task<OpenReport> OpenAsync(OpenRequest request)
    {
        say($"{request.Connections:N0} connections");
        if (request.Connections + SpareDescriptors > Machine.Descriptors())
            throw new BenchException($"{request.Connections + SpareDescriptors} descriptors are needed, ulimit -Hn is {Machine.Descriptors()}");
        var report = await load.AskAsync<OpenReport>(request, TimeSpan.FromSeconds(request.TimeoutSeconds) + Grace, cancellation);
        return report.Ready == request.Connections
            ? report
            : throw new BenchException($"{report.Ready} of {request.Connections} connections were subscribed, {report.Failed} failed; {report.Failure}");
    }

    public Task DropAsync() => load.AskAsync<Done>(new DropRequest(), Grace, cancellation);

    public Task StallAsync(int connections) => load.AskAsync<Done>(new StallRequest(connections), Grace, cancellation);

    public Task<RecoverReport> RecoverAsync(double timeoutSeconds) =>
        load.AskAsync<RecoverReport>(new RecoverRequest(redis.Id, timeoutSeconds), TimeSpan.FromSeconds(timeoutSeconds) + Grace, cancellation);

    public Task<FlowReport> FlowAsync(FlowRequest request) =>
        load.AskAsync<FlowReport>(request, TimeSpan.FromSeconds(request.Seconds) + Grace, cancellation);

    /// <summary>The same flow, unmeasured, until the server's and the load generator's code is compiled for it.</summary>
    public async Task WarmUpAsync(FlowRequest request)
    {
        say("warm-up");
        await FlowAsync(request with { Seconds = options.Quick ? 0.3 : Math.Max(1.5, options.Seconds / 2) });
    }

    /// <summary>Runs a case and puts its figures into the report.</summary>
    public async Task<FlowReport> MeasureAsync(string caseName, FlowRequest request)
    {
        say(caseName);
        var report = await FlowAsync(request);
        Record(caseName, FlowFigures.Of(report, hasRate: request.Rate is not null));
        return report;
    }

    public void Record(string caseName, Figures figures) => results.Add(scenario, caseName, system.Name, figures);

    public double MemoryKilobytes() => ProcessMemory.Kilobytes(server.Id);

    public Task<double> SettledMemoryKilobytesAsync()
    {
        say("memory settles");
        return ProcessMemory.SettledKilobytesAsync(server.Id, TimeSpan.FromSeconds(options.Quick ? 3 : 20), cancellation);
    }
}
