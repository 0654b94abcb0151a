using System.Globalization;

namespace MessageBus.Bench.Report;

/// <summary>One thing to reach in one scenario.</summary>
internal abstract record Target(string Scenario, string Case)
{
    /// <summary>The verdict for each case that this run has measured.</summary>
    public abstract IEnumerable<Verdict> Judge(IReadOnlyList<Row> rows);

    protected IEnumerable<Row> Measured(IReadOnlyList<Row> rows, string system) => rows.Where(row =>
        row.Scenario == Scenario && row.System == system && row.Figures is not null && (Case == Targets.AnyCase || row.Case == Case));

    protected static string Text(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}

/// <summary>Whether a target was met, and by how much it was missed.</summary>
internal sealed record Verdict(string Scenario, string Case, string Wanted, double Actual, double Limit, bool AtLeast)
{
    public bool Met => AtLeast ? Actual >= Limit : Actual <= Limit;

    public string Outcome => Met ? "met" : AtLeast
        ? string.Create(CultureInfo.InvariantCulture, $"missed by {1 - Actual / Limit:P0}")
        : string.Create(CultureInfo.InvariantCulture, $"missed by {Actual / Limit - 1:P0}");
}

/// <summary>Our figure is at most <paramref name="Factor"/> times the peer's.</summary>
internal sealed record AgainstPeer(
    string Scenario, string Case, Figure Figure, string System, string Peer, double Factor, bool WhereBothKeepTheRate = false) : Target(Scenario, Case)
{
    public override IEnumerable<Verdict> Judge(IReadOnlyList<Row> rows) =>
        from ours in Measured(rows, System)
        from theirs in rows
        where theirs.Scenario == Scenario && theirs.Case == ours.Case && IsPeer(theirs)
        where !WhereBothKeepTheRate || (ours.Figures!.Kept >= 0.5 && theirs.Figures?.Kept >= 0.5)
        let own = ours.Value(Figure)
        let other = theirs.Value(Figure)
        where own is not null && other > 0
        select new Verdict(Scenario, ours.Case, $"{Figure.Header} of {System} <= {Text(Factor)} x {theirs.System}", own.Value / other.Value, Factor, AtLeast: false);

    private bool IsPeer(Row row) => Peer == Targets.AnyPlaintextPeer
        ? row.System != System && !row.System.EndsWith("-tls", StringComparison.Ordinal)
        : row.System == Peer;
}

/// <summary>Our figure is at least <paramref name="Factor"/> times the peer's.</summary>
internal sealed record AtLeastTimes(string Scenario, string Case, Figure Figure, string System, string Peer, double Factor) : Target(Scenario, Case)
{
    public override IEnumerable<Verdict> Judge(IReadOnlyList<Row> rows) =>
        from ours in Measured(rows, System)
        from theirs in rows
        where theirs.Scenario == Scenario && theirs.Case == ours.Case && theirs.System == Peer
        let own = ours.Value(Figure)
        let other = theirs.Value(Figure)
        where own is not null && other > 0
        select new Verdict(Scenario, ours.Case, $"{Figure.Header} of {System} >= {Text(Factor)} x {Peer}", own.Value / other.Value, Factor, AtLeast: true);
}

internal sealed record AtMost(string Scenario, string Case, Figure Figure, string System, double Limit) : Target(Scenario, Case)
{
    public override IEnumerable<Verdict> Judge(IReadOnlyList<Row> rows) =>
        from row in Measured(rows, System)
        let own = row.Value(Figure)
        where own is not null
        select new Verdict(Scenario, row.Case, $"{Figure.Header} of {System} <= {Text(Limit)}", own.Value, Limit, AtLeast: false);
}

internal sealed record AtLeast(string Scenario, string Case, Figure Figure, string System, double Limit) : Target(Scenario, Case)
{
    public override IEnumerable<Verdict> Judge(IReadOnlyList<Row> rows) =>
        from row in Measured(rows, System)
        let own = row.Value(Figure)
        where own is not null
        select new Verdict(Scenario, row.Case, $"{Figure.Header} of {System} >= {Text(Limit)}", own.Value, Limit, AtLeast: true);
}

/// <summary>The figure of one case is at most <paramref name="Factor"/> times the same figure in another case of the same system.</summary>
internal sealed record AgainstCase(string Scenario, string Case, string Reference, Figure Figure, string System, double Factor) : Target(Scenario, Case)
{
    public override IEnumerable<Verdict> Judge(IReadOnlyList<Row> rows) =>
        from row in Measured(rows, System)
        from reference in rows
        where reference.Scenario == Scenario && reference.System == System && reference.Case == Reference
        let own = row.Value(Figure)
        let other = reference.Value(Figure)
        where own is not null && other > 0
        select new Verdict(
            Scenario, Case, $"{Figure.Header} of {System} <= {Text(Factor)} x \"{Reference}\"", own.Value / other.Value, Factor, AtLeast: false);
}
