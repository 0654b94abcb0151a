using MessageBus.Bench.Report;

namespace MessageBus.UnitTests.Bench;

public class TargetsTests
{
    [Fact]
    public void A_missed_target_says_by_how_much()
    {
        var results = new Results();
        results.Add("fanout", "1 in flight", "ours", new Figures { CpuMicros = 12 });
        results.Add("fanout", "1 in flight", "signalr", new Figures { CpuMicros = 20 });

        var verdict = Assert.Single(Judge(results));

        Assert.False(verdict.Met);
        Assert.Equal(("CPU us of ours <= 0.5 x signalr", "missed by 20 %"), (verdict.Wanted, verdict.Outcome));
    }

    [Fact]
    public void A_load_bound_figure_is_no_proof()
    {
        var results = new Results();
        results.Add("fanout", "1 in flight", "ours", new Figures { CpuMicros = 1 });
        results.Add("fanout", "1 in flight", "signalr", new Figures { CpuMicros = 20, LoadShare = 0.97 });

        Assert.Empty(Judge(results));
    }

    [Fact]
    public void Latency_has_to_be_the_lowest_of_all_plaintext_systems()
    {
        var results = new Results();
        results.Add("latency", "1,000/s", "ours", new Figures { P50 = 100, P99 = 300 });
        results.Add("latency", "1,000/s", "bun", new Figures { P50 = 90, P99 = 400 });
        results.Add("latency", "1,000/s", "bun-tls", new Figures { P50 = 80, P99 = 80 });

        Assert.Equal([false, true], Judge(results).Select(verdict => verdict.Met));
    }

    [Fact]
    public void One_round_that_lost_copies_stays_visible_among_good_ones()
    {
        var results = new Results();
        foreach (var lost in new[] { 0, 3, 0 })
            results.Add("fanout", "1 in flight", "ours", new Figures { Lost = lost, CpuMicros = 5 });

        Assert.Equal((3, 5), (results.Rows()[0].Figures!.Lost, results.Rows()[0].Figures!.CpuMicros));
    }

    private static Verdict[] Judge(Results results) => [.. Targets.All.SelectMany(target => target.Judge(results.Rows()))];
}
