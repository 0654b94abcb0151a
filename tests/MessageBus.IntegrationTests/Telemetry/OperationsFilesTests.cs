using System.Text.Json;
using System.Text.RegularExpressions;
using MessageBus.IntegrationTests.Docs;
using MessageBus.IntegrationTests.Support;

namespace MessageBus.IntegrationTests.Telemetry;

/// <summary>The dashboard and the alert rules ask for nothing that a gateway does not say.</summary>
[Trait("Sockets", "Either")]
public sealed partial class OperationsFilesTests : IAsyncLifetime
{
    private static readonly string Folder = Path.Combine(GatewayProcess.RepositoryRoot, "src", "MessageBus.Gateway", "Operations");

    // What Prometheus itself adds.
    private static readonly string[] OwnLabels = ["instance", "job"];
    private const string OwnMetric = "up";

    private Scrape _scrape = null!;

    public async Task InitializeAsync()
    {
        await using var gateway = GatewayApp.Start();
        await using var client = await BusClient.ConnectAsync(gateway.Bus, "a");
        await client.SendTextAsync("""{"type":"no such","id":1}""");
        await client.ExpectErrorAsync();

        // A histogram is there from its first measurement on.
        await client.SendAsync(new { type = "publish", channel = "a", payload = "hello" });
        await client.ExpectTextAsync("a");
        await Scrape.ReachesAsync(gateway, "messagebus_delivery_delay_seconds_count", 1);
        _scrape = await Scrape.OfAsync(gateway);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public void Every_metric_of_the_alerts_is_there_with_its_labels()
    {
        var alerts = Alerts();

        Assert.True(alerts.Count >= 10, "Few alerts were found: is the file read as it is written?");
        Assert.All(alerts, alert => Assert.All(PromQuery.Parse(alert.Expression), IsThere));
    }

    [Fact]
    public void Every_metric_of_the_dashboard_is_there_with_its_labels()
    {
        var queries = Queries().ToList();

        Assert.True(queries.Count >= 20, "Few queries were found: is the file read as it is written?");
        Assert.All(queries, query => Assert.All(PromQuery.Parse(query), IsThere));
    }

    [Fact]
    public void Every_variable_of_the_dashboard_is_a_label_of_a_metric_that_is_there()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "grafana-dashboard.json")));
        var queries = dashboard.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray()
            .Where(variable => variable.GetProperty("type").GetString() is "query")
            .Select(variable => LabelValues().Match(variable.GetProperty("query").GetProperty("query").GetString()!)).ToList();

        Assert.NotEmpty(queries);
        Assert.All(queries, query => IsThere(new UsedMetric(query.Groups["metric"].Value, [(query.Groups["label"].Value, null)])));
    }

    [Fact]
    public void Every_metric_of_MessageBus_is_on_the_dashboard()
    {
        var shown = Queries().SelectMany(PromQuery.Parse).Select(metric => FamilyOf(metric.Name)).ToHashSet();

        Assert.Empty(_scrape.Families.Select(family => family.Name).Where(name => name.StartsWith("messagebus", StringComparison.Ordinal)).Except(shown));
    }

    [Fact]
    public void Every_alert_is_explained_in_the_docs()
    {
        var page = DocPage.Text("metrics.md");

        Assert.Equal(Alerts().Select(alert => alert.Name), AlertRow().Matches(page).Select(match => match.Groups[1].Value));
    }

    [Theory]
    [InlineData("sum(a")]
    [InlineData("sum(a))")]
    [InlineData("a >")]
    [InlineData("rate(a)")]
    [InlineData("rate(a[soon])")]
    [InlineData("a{b=c}")]
    [InlineData("a b")]
    [InlineData("sum by instance (a)")]
    public void A_query_that_Prometheus_would_refuse_is_noticed(string query)
    {
        Assert.Throws<FormatException>(() => PromQuery.Parse(query));
    }

    private static List<(string Name, string Expression)> Alerts() =>
        [.. Alert().Matches(File.ReadAllText(Path.Combine(Folder, "prometheus-alerts.yml"))).Select(match => (match.Groups[1].Value, match.Groups[2].Value))];

    private static IEnumerable<string> Queries()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "grafana-dashboard.json")));
        return
        [
            .. from panel in dashboard.RootElement.GetProperty("panels").EnumerateArray()
               where panel.TryGetProperty("targets", out _)
               from target in panel.GetProperty("targets").EnumerateArray()
               select target.GetProperty("expr").GetString()!,
        ];
    }

    private void IsThere(UsedMetric metric)
    {
        if (metric.Name is OwnMetric)
        {
            return;
        }

        var samples = _scrape.Families.SelectMany(family => family.Samples).Where(sample => sample.Name == metric.Name).ToList();
        Assert.True(samples.Count > 0, $"There is no metric {metric.Name}.");
        foreach (var (label, value) in metric.Labels.Where(label => !OwnLabels.Contains(label.Label)))
        {
            Assert.True(
                samples.Exists(sample => sample.Labels.TryGetValue(label, out var actual) && (value is null || actual == value)),
                $"{metric.Name} has no label {label}{(value is null ? "" : $" of value {value}")}.");
        }
    }

    private static string FamilyOf(string sample) => Suffix().Replace(sample, "");

    [GeneratedRegex(@"- alert: (\w+)\n +expr: (.+)\n")]
    private static partial Regex Alert();

    [GeneratedRegex(@"^\| `(MessageBus\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex AlertRow();

    [GeneratedRegex("^label_values\\((?<metric>[a-z_]+), (?<label>[a-z_]+)\\)$")]
    private static partial Regex LabelValues();

    [GeneratedRegex("_(total|bucket|sum|count)$")]
    private static partial Regex Suffix();
}
