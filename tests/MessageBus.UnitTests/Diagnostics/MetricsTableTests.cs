using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using MessageBus.Brokers;
using MessageBus.Delivery;
using MessageBus.Connections;
using MessageBus.UnitTests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MessageBus.UnitTests.Diagnostics;

/// <summary>The table in metrics.md lists every instrument.</summary>
public sealed partial class MetricsTableTests : IAsyncLifetime, IDisposable
{
    private readonly IHost _app = NewApp();
    private readonly Dictionary<Instrument, SortedSet<string>> _tags = [];
    private readonly MeterListener _listener = new();

    public async Task InitializeAsync()
    {
        var meters = _app.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == meters && instrument.Meter.Name == MessageBusTelemetry.MeterName)
            {
                _tags[instrument] = [];
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(NoteTags);
        _listener.SetMeasurementEventCallback<int>(NoteTags);
        _listener.Start();
        _app.Services.GetRequiredService<BrokerMetrics>();
        _app.Services.GetRequiredService<LoopHistograms>();
        foreach (var metrics in _app.Services.GetServices<IHostedService>().Where(service => service is ConnectionMetrics or DeliveryMetrics))
        {
            await metrics.StartAsync(CancellationToken.None);
        }

        _listener.RecordObservableInstruments();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _listener.Dispose();
        _app.Dispose();
    }

    [Fact]
    public void Table_in_the_docs_lists_every_instrument()
    {
        var expected = _tags.Keys.Select(Row).Order(StringComparer.Ordinal).ToList();
        var actual = TableRow().Matches(File.ReadAllText(Repository.Path("src", "docs", "metrics.md"))).Select(match => match.Value).ToList();

        Assert.True(expected.SequenceEqual(actual), "The table in src/docs/metrics.md should be:\n" + string.Join('\n', expected));
    }

    [Fact]
    public void Instruments_are_named_as_OpenTelemetry_names_them()
    {
        Assert.NotEmpty(_tags);
        Assert.All(_tags.Keys, instrument =>
        {
            Assert.Matches("^messagebus(\\.[a-z]+)+$", instrument.Name);
            Assert.Matches("^(s|By|\\{[a-z]+\\}|)$", instrument.Unit ?? "");
            Assert.False(string.IsNullOrEmpty(instrument.Description));
        });
    }

    [Fact]
    public void Instruments_have_different_names_in_Prometheus_too()
    {
        Assert.Distinct(_tags.Keys.Select(instrument => instrument.Name.Replace('.', '_')));
    }

    private void NoteTags<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        foreach (var tag in tags)
        {
            _tags[instrument].Add(tag.Key);
        }
    }

    private string Row(Instrument instrument)
    {
        var type = instrument.GetType().Name.Split('`')[0].Replace("Observable", "", StringComparison.Ordinal) switch
        {
            "Counter" => "counter",
            "Histogram" => "histogram",
            _ => "gauge",
        };
        var unit = instrument.Unit is { } some ? $"`{some}`" : "";
        return $"| `{instrument.Name}` | {type} | {unit} | {string.Join(", ", _tags[instrument].Select(tag => $"`{tag}`"))} | {instrument.Description} |";
    }

    private static IHost NewApp()
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddMessageBus();
        return builder.Build();
    }

    [GeneratedRegex(@"^\| `messagebus\.[a-z.]+` \|.*$", RegexOptions.Multiline)]
    private static partial Regex TableRow();
}
