using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MessageBus.Bench.Report;

/// <summary>The rows of one scenario as a table: only the figures that it measures, each compared one with its ratio to ours.</summary>
internal static class ResultTable
{
    private const string None = "-";

    public static IRenderable Of(string scenario, IReadOnlyList<Row> allRows)
    {
        var rows = allRows.Where(row => row.Scenario == scenario).ToArray();
        var figures = Figure.All.Where(figure => rows.Any(row => row.Figures is not null && figure.Of(row.Figures) is not null)).ToArray();
        var hasOurs = rows.Any(row => row.Figures is not null && Ratio.IsOurs(row.System));
        var table = new Table().Border(TableBorder.Minimal).Title($"[bold]{scenario}[/]");
        table.AddColumn("case").AddColumn("system");
        foreach (var figure in figures)
        {
            table.AddColumn(new TableColumn(figure.Header).RightAligned().NoWrap());
            if (figure.Compared && hasOurs)
                table.AddColumn(new TableColumn("x ours").RightAligned().NoWrap());
        }

        foreach (var cases in rows.Where(row => row.Figures is not null).GroupBy(row => row.Case))
        {
            foreach (var row in cases)
                table.AddRow([new Text(row.Case), new Text(row.System), .. figures.SelectMany(figure => Cells(figure, row, rows, hasOurs))]);
        }

        return new Rows([table, .. rows.Where(row => row.Problem is not null).Select(row => new Text($"  {row.System}: {row.Problem}"))]);
    }

    public static IRenderable Of(IReadOnlyList<Verdict> verdicts)
    {
        var table = new Table().Border(TableBorder.Minimal).Title("[bold]targets[/]").AddColumns("scenario", "case", "wanted", "found", "");
        foreach (var verdict in verdicts)
        {
            table.AddRow(
                new Text(verdict.Scenario), new Text(verdict.Case), new Text(verdict.Wanted),
                new Text(verdict.Actual.ToString("0.00", CultureInfo.InvariantCulture)).RightJustified(),
                new Text(verdict.Outcome, new Style(verdict.Met ? Color.Green : Color.Red)));
        }

        return table;
    }

    private static IEnumerable<IRenderable> Cells(Figure figure, Row row, IReadOnlyList<Row> rows, bool hasOurs)
    {
        var value = row.Value(figure);
        yield return row.IsLoadBound && figure.FromLoad && figure.Of(row.Figures!) is not null
            ? new Text("load-bound", new Style(Color.Yellow))
            : new Text(value?.ToString(figure.Format, CultureInfo.InvariantCulture) ?? None, StyleOf(figure, value));
        if (figure.Compared && hasOurs)
            yield return new Text(Ratio.ToOurs(figure, row, rows)?.ToString("0.00", CultureInfo.InvariantCulture) ?? None);
    }

    private static Style StyleOf(Figure figure, double? value) =>
        (figure == Figure.Lost || figure == Figure.OutOfOrder) && value > 0 ? new Style(Color.Red) : Style.Plain;
}
