using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using MessageBus.Bench.Native;
using MessageBus.Bench.Processes;
using MessageBus.Bench.Report;
using MessageBus.Bench.Systems;

namespace MessageBus.Bench.Scenarios;

/// <summary>Takes every system through every scenario, round by round, each time freshly started; one that fails is reported and ends nothing else.</summary>
internal sealed class Runner(RunOptions options, Results results, Action<string> say, CancellationToken cancellation)
{
    public async Task RunAsync(IReadOnlyList<IScenario> scenarios, IReadOnlyList<ISystem> systems)
    {
        using var certificate = new Certificate();
        if (await KeepOffServerCoreAsync() is { } failure)
            throw new BenchException(failure);
        var missing = new Dictionary<ISystem, string>();
        foreach (var system in systems)
        {
            say($"{system.Name}: preparing");
            if (await MissingAsync(system) is { } reason)
                missing.Add(system, reason);
        }

        foreach (var scenario in scenarios)
        {
            var concerned = systems.Where(scenario.Concerns).ToArray();
            foreach (var system in concerned.Where(missing.ContainsKey))
                results.AddProblem(scenario.Name, system.Name, $"not available: {missing[system]}");
            var available = concerned.Except(missing.Keys).ToArray();
            for (var round = 0; round < options.Repeat; round++)
            {
                // Each round begins with another system, so that none has always the same neighbour.
                foreach (var system in available.Skip(round % Math.Max(available.Length, 1)).Concat(available.Take(round % Math.Max(available.Length, 1))))
                    await RunAsync(scenario, system, certificate, $"{scenario.Name} {round + 1}/{options.Repeat} · {system.Name}");
            }
        }
    }

    /// <summary>The bench itself does little, but drawing a table must not take time from a server.</summary>
    private Task<string?> KeepOffServerCoreAsync() => ChildProcess.RunAsync(
        "taskset", new ProcessStartInfo("taskset", ["-acp", Machine.LoadCore, Environment.ProcessId.ToString(CultureInfo.InvariantCulture)]), cancellation);

    private async Task<string?> MissingAsync(ISystem system)
    {
        if (system.Tls && OpenSsl.Missing() is { } reason)
            return reason;
        return await system.PrepareAsync(cancellation);
    }

    private async Task RunAsync(IScenario scenario, ISystem system, Certificate certificate, string title)
    {
        try
        {
            say($"{title} · starting");
            await using var redis = new RedisServer();
            await redis.StartAsync(cancellation);
            await using var server = await RunningSystem.StartAsync(
                system, redis.Port, certificate, scenario.IsPinned ? Machine.ServerCore : Machine.AllCores, cancellation);
            var target = new Load.Target(system.Dialect, server.Port, system.Tls, redis.Port, redis.Id, server.Id);
            await using var load = LoadClient.Start(target, scenario.IsPinned ? Machine.LoadCore : Machine.AllCores);
            await scenario.RunAsync(new Stage(
                scenario.Name, system, server, redis, load, options, results, step => say($"{title} · {step}"), cancellation));
        }
        catch (Exception failure) when (failure is BenchException or IOException or SocketException)
        {
            results.AddProblem(scenario.Name, system.Name, failure.Message);
        }
    }
}
