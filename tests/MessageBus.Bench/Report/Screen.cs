using Spectre.Console;

namespace MessageBus.Bench.Report;

/// <summary>Shows the tables as they fill. Where the output is no terminal, progress is one line a step and the tables come at the end.</summary>
internal sealed class Screen(Results results)
{
    private const int WidthOfFiles = 220;

    private LiveDisplayContext? _live;
    private string _step = "";

    public async Task ShowAsync(Func<Task> run)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = WidthOfFiles;
            AnsiConsole.Profile.Capabilities.Ansi = false;
            await run();
            AnsiConsole.Write(Tables());
            return;
        }

        await AnsiConsole.Live(new Text("")).StartAsync(async live =>
        {
            _live = live;
            await run();
            _step = "";
            Update();
        });
    }

    public void Say(string step)
    {
        _step = step;
        if (_live is null)
            Console.Error.WriteLine(step);
        else
            Update();
    }

    public static void Write(IReadOnlyList<Verdict> verdicts)
    {
        if (verdicts.Count > 0)
            AnsiConsole.Write(ResultTable.Of(verdicts));
    }

    private void Update() => _live?.UpdateTarget(new Rows(Tables(), new Text(_step, new Style(Color.Grey))));

    private Rows Tables()
    {
        var rows = results.Rows();
        return new Rows(rows.Select(row => row.Scenario).Distinct().Select(scenario => ResultTable.Of(scenario, rows)));
    }
}
