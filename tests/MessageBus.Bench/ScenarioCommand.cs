using System.CommandLine;
using System.Globalization;
using MessageBus.Bench.Processes;
using MessageBus.Bench.Report;
using MessageBus.Bench.Scenarios;
using MessageBus.Bench.Systems;

namespace MessageBus.Bench;

/// <summary>The command line of the bench: a scenario, the systems to compare, how long and how often.</summary>
internal sealed class ScenarioCommand
{
    private const string Every = "all";

    private readonly Argument<string> _scenario = new("scenario")
    {
        Description = "What to measure:\n" + string.Join('\n', ScenarioCatalogue.All.Select(one => $"{one.Name}: {one.Summary}")) + $"\n{Every}: all of these",
    };

    private readonly Option<string?> _systems = new("--systems")
    {
        Description = $"Which to compare, separated by commas (default: all): {string.Join(", ", SystemCatalogue.All().Select(one => one.Name))}",
    };

    private readonly Option<double> _seconds = new("--seconds") { Description = "How long to measure each case (default: 3; with --quick 1)" };

    private readonly Option<int> _repeat = new("--repeat") { Description = "Rounds, of which the median is shown (default: 3; with --quick 1)" };

    private readonly Option<string?> _json = new("--json") { Description = "A file for the figures as JSON" };

    private readonly Option<bool> _quick = new("--quick") { Description = "A tenth of the connections, a second a case, one round: shows that it works, not how fast" };

    private readonly Option<string?> _gateway = new("--gateway") { Description = "Another build of MessageBus.Gateway.dll to measure as ours" };

    public RootCommand Build()
    {
        _scenario.AcceptOnlyFromAmong([.. ScenarioCatalogue.All.Select(one => one.Name), Every]);
        var root = new RootCommand("Measures MessageBus beside its peers: server on one core, load generator and redis-server on the other.")
        {
            _scenario, _systems, _seconds, _repeat, _json, _quick, _gateway,
        };
        root.SetAction((parsed, _) => RunAsync(parsed));
        return root;
    }

    /// <summary>1 where copies were lost or came out of order, or our own gateway could not be measured; 2 where this machine cannot measure; 130 where the run was ended before its end.</summary>
    private async Task<int> RunAsync(ParseResult parsed)
    {
        var quick = parsed.GetValue(_quick);
        var options = new RunOptions(
            parsed.GetValue(_seconds) is > 0 and var seconds ? seconds : quick ? 1 : 3,
            parsed.GetValue(_repeat) is > 0 and var repeat ? repeat : quick ? 1 : 3,
            quick,
            parsed.GetValue(_gateway) is { } gateway ? Path.GetFullPath(gateway) : null);
        var scenario = parsed.GetRequiredValue(_scenario);
        var systems = SystemCatalogue.All(options.Gateway);
        if (parsed.GetValue(_systems)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { } names)
        {
            if (names.Except(systems.Select(one => one.Name)).ToArray() is [var unknown, ..])
                return Refuse($"no system {unknown}; there are {string.Join(", ", systems.Select(one => one.Name))}");
            systems = [.. systems.Where(one => names.Contains(one.Name))];
        }

        if (Machine.Unfit() is { } reason)
            return Refuse(reason);
        var results = new Results();
        var screen = new Screen(results);
        using var termination = new Termination();
        var runner = new Runner(options, results, screen.Say, termination.Token);
        try
        {
            await screen.ShowAsync(() => runner.RunAsync([.. ScenarioCatalogue.All.Where(one => scenario == Every || one.Name == scenario)], systems));
        }
        catch (OperationCanceledException)
        {
            return 130;
        }

        var rows = results.Rows();
        var verdicts = Targets.All.SelectMany(target => target.Judge(rows)).ToArray();
        Screen.Write(verdicts);
        var machine = string.Create(CultureInfo.InvariantCulture, $"{Machine.Describe()}; {options.Seconds} s a case, {options.Repeat} rounds");
        Console.WriteLine(machine);
        if (parsed.GetValue(_json) is { } file)
            await JsonReport.WriteAsync(file, machine, rows, verdicts);
        return rows.Any(IsWrong) ? 1 : 0;
    }

    private static bool IsWrong(Row row) =>
        row.Figures is { Lost: > 0 } or { OutOfOrder: > 0 } || (row.Problem is not null && row.System.StartsWith("ours", StringComparison.Ordinal));

    private static int Refuse(string reason)
    {
        Console.Error.WriteLine(reason);
        return 2;
    }
}
