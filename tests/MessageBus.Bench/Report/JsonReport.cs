using System.Text.Json;
using System.Text.Json.Nodes;

namespace MessageBus.Bench.Report;

/// <summary>The same rows and verdicts as the tables, for machines.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static async Task WriteAsync(string path, string machine, IReadOnlyList<Row> rows, IReadOnlyList<Verdict> verdicts)
    {
        var report = new JsonObject
        {
            ["date"] = DateTimeOffset.UtcNow.ToString("O"),
            ["machine"] = machine,
            ["command"] = string.Join(' ', Environment.GetCommandLineArgs().Skip(1)),
            ["rows"] = new JsonArray([.. rows.Select(row => Describe(row, rows))]),
            ["targets"] = new JsonArray([.. verdicts.Select(Describe)]),
        };
        await File.WriteAllTextAsync(path, report.ToJsonString(Indented) + "\n");
    }

    private static JsonObject Describe(Row row, IReadOnlyList<Row> rows)
    {
        var figures = new JsonObject();
        var ratios = new JsonObject();
        foreach (var figure in Figure.All)
        {
            if (row.Value(figure) is { } value)
                figures[figure.Key] = value;
            if (figure.Compared && Ratio.ToOurs(figure, row, rows) is { } ratio)
                ratios[figure.Key] = ratio;
        }

        return new JsonObject
        {
            ["scenario"] = row.Scenario,
            ["case"] = row.Case,
            ["system"] = row.System,
            ["rounds"] = row.Rounds,
            ["loadBound"] = row.IsLoadBound,
            ["problem"] = row.Problem,
            ["figures"] = figures,
            ["timesOurs"] = ratios,
        };
    }

    private static JsonObject Describe(Verdict verdict) => new JsonObject
    {
        ["scenario"] = verdict.Scenario,
        ["case"] = verdict.Case,
        ["wanted"] = verdict.Wanted,
        ["found"] = verdict.Actual,
        ["limit"] = verdict.Limit,
        ["met"] = verdict.Met,
    };
}
