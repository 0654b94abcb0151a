namespace MessageBus.Bench.Report;

/// <summary>All measurements of one run; rows are their medians.</summary>
internal sealed class Results
{
    private readonly List<Measurement> _measurements = [];

    /// <summary>The first measurement of a case puts it into the table; later rounds join it.</summary>
    public void Add(string scenario, string caseName, string system, Figures figures) =>
        _measurements.Add(new Measurement(scenario, caseName, system, figures, null));

    public void AddProblem(string scenario, string system, string problem) =>
        _measurements.Add(new Measurement(scenario, "", system, null, problem));

    public IReadOnlyList<Row> Rows() =>
    [
        .. _measurements
            .GroupBy(one => (one.Scenario, one.Case, one.System))
            .Select(group => new Row(
                group.Key.Scenario, group.Key.Case, group.Key.System,
                Median([.. group.Select(one => one.Figures).OfType<Figures>()]),
                group.Count(),
                group.Select(one => one.Problem).LastOrDefault(problem => problem is not null))),
    ];

    /// <summary>Lost and disordered copies of every round: one bad round in five must not vanish in a median.</summary>
    private static Figures? Median(IReadOnlyList<Figures> rounds) => rounds.Count == 0 ? null : new Figures
    {
        DeliveriesPerSecond = Median(rounds, f => f.DeliveriesPerSecond),
        UserMicros = Median(rounds, f => f.UserMicros),
        SystemMicros = Median(rounds, f => f.SystemMicros),
        CpuMicros = Median(rounds, f => f.CpuMicros),
        CpuPerPublication = Median(rounds, f => f.CpuPerPublication),
        PublicationsPerSecond = Median(rounds, f => f.PublicationsPerSecond),
        P50 = Median(rounds, f => f.P50),
        P99 = Median(rounds, f => f.P99),
        P999 = Median(rounds, f => f.P999),
        Kept = Median(rounds, f => f.Kept),
        KilobytesPerConnection = Median(rounds, f => f.KilobytesPerConnection),
        ConnectionsPerSecond = Median(rounds, f => f.ConnectionsPerSecond),
        CpuPerConnection = Median(rounds, f => f.CpuPerConnection),
        ConnectP50 = Median(rounds, f => f.ConnectP50),
        ConnectSlowest = Median(rounds, f => f.ConnectSlowest),
        Resumed = Median(rounds, f => f.Resumed),
        RecoverySeconds = Median(rounds, f => f.RecoverySeconds),
        Lost = Sum(rounds, f => f.Lost),
        OutOfOrder = Sum(rounds, f => f.OutOfOrder),
        Dropped = Sum(rounds, f => f.Dropped),
        LoadShare = Median(rounds, f => f.LoadShare),
        LoadCoreShare = Median(rounds, f => f.LoadCoreShare),
    };

    private static double? Median(IReadOnlyList<Figures> rounds, Func<Figures, double?> figure)
    {
        var values = rounds.Select(figure).OfType<double>().Order().ToArray();
        if (values.Length == 0)
            return null;
        var middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    private static double? Sum(IReadOnlyList<Figures> rounds, Func<Figures, double?> figure) =>
        rounds.Any(round => figure(round) is not null) ? rounds.Sum(figure) : null;

    private sealed record Measurement(string Scenario, string Case, string System, Figures? Figures, string? Problem);
}
