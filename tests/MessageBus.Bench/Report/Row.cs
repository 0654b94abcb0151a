namespace MessageBus.Bench.Report;

/// <summary>One line of the table: a case of a scenario for one system, the median of all rounds. <paramref name="Problem"/> says why there are no figures.</summary>
internal sealed record Row(string Scenario, string Case, string System, Figures? Figures, int Rounds, string? Problem)
{
    /// <summary>Beyond this share of their core, the load generator and redis-server may have been what was measured.</summary>
    private const double LoadLimit = 0.95;

    public bool IsLoadBound => Figures?.LoadShare > LoadLimit || Figures?.LoadCoreShare > LoadLimit;

    /// <summary>The figure, unless it was not measured or the load generator was the bottleneck.</summary>
    public double? Value(Figure figure) => Figures is null || (IsLoadBound && figure.FromLoad) ? null : figure.Of(Figures);
}
