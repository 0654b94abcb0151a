namespace MessageBus.Bench.Report;

internal static class Ratio
{
    private const string TlsSuffix = "-tls";

    public static bool IsOurs(string system) => system is "ours" or "ours" + TlsSuffix;

    /// <summary>A system's figure as a multiple of ours in the same case: plaintext against plaintext, TLS against TLS.</summary>
    public static double? ToOurs(Figure figure, Row row, IReadOnlyList<Row> rows)
    {
        var reference = row.System.EndsWith(TlsSuffix, StringComparison.Ordinal) ? "ours" + TlsSuffix : "ours";
        var ours = rows.FirstOrDefault(other => other.Scenario == row.Scenario && other.Case == row.Case && other.System == reference);
        return ours?.Value(figure) is { } own && own > 0 && row.Value(figure) is { } theirs ? theirs / own : null;
    }
}
