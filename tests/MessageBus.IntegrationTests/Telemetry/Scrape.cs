using MessageBus.IntegrationTests.Support;
using MessageBus.UnitTests.Gateway.Telemetry;

namespace MessageBus.IntegrationTests.Telemetry;

/// <summary>The metrics of a gateway, fetched as Prometheus does.</summary>
internal sealed record Scrape(IReadOnlyList<ParsedFamily> Families)
{
    /// <summary>What a Prometheus of today sends.</summary>
    public const string Accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1";

    public static async Task<Scrape> OfAsync(Uri metrics)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, metrics);
        request.Headers.TryAddWithoutValidation("Accept", Accept);
        using var response = await http.SendAsync(request);
        Assert.Equal("application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores", response.EnsureSuccessStatusCode().Content.Headers.ContentType!.ToString());
        return new Scrape(ExpositionParser.ParseOpenMetrics(await response.Content.ReadAsStringAsync()));
    }

    public static Task<Scrape> OfAsync(GatewayApp gateway) => OfAsync(new Uri(gateway.Http, "/metrics"));

    /// <summary>The value of <c>name</c> or <c>name{label="value"}</c>.</summary>
    public double this[string name] => Find(name) ?? throw new InvalidOperationException($"There is no {name}.");

    /// <summary>The same; null where there is none.</summary>
    private double? Find(string name)
    {
        var parts = name.TrimEnd('}').Split('{');
        var labels = parts.Length is 1 ? [] : parts[1].Split(',').Select(label => label.Split('=')).ToDictionary(label => label[0], label => label[1].Trim('"'));
        return Families.SelectMany(family => family.Samples).SingleOrDefault(sample =>
            sample.Name == parts[0] && sample.Labels.Count == labels.Count && labels.All(label => sample.Labels.GetValueOrDefault(label.Key) == label.Value))?.Value;
    }

    /// <summary>Fetches until the sample has the value: what a gateway counts, it may count a moment after its client has seen the effect.</summary>
    public static Task ReachesAsync(GatewayApp gateway, string sample, double value) => Eventually.TrueAsync(
        async () => (await OfAsync(gateway)).Find(sample) == value, $"{sample} is {value}");
}
