using System.Net;
using MessageBus.IntegrationTests.Support;
using MessageBus.IntegrationTests.Telemetry;

namespace MessageBus.IntegrationTests.Faults;

/// <summary>A gateway of a <see cref="FaultedBus"/> with its clients, and what it takes of the machine.</summary>
internal sealed class FaultedGateway(GatewayProcess process) : IAsyncDisposable
{
    // A loss, what was seen of it (publications that do not arrive, subscriptions that are not there, an attempt that has failed).
    private const int WarningsPerLoss = 3;

    private readonly HttpClient _http = new() { BaseAddress = process.Addresses[0] };
    private readonly List<Witness> _witnesses = [];
    private Footprint _base;

    // Before there was anybody to be told of it, as a busy machine makes it at the start.
    private int _lossesBefore;
    private bool _hasEnded;

    public Uri Bus => process.Bus;

    public IReadOnlyList<Witness> Witnesses => _witnesses;

    private int ToldLosses => _witnesses[0].Count("status down");

    public async Task AdmitAsync(int clients, string[] channels)
    {
        process.ReadOn();
        while (_witnesses.Count < clients)
        {
            _witnesses.Add(await Witness.StartAsync(() => process.Bus, channels));
        }
    }

    /// <summary>What it takes here is what it returns to.</summary>
    public async Task NoteBaseAsync()
    {
        _base = Footprint.Of(process);
        _lossesBefore = await LossesAsync() - ToldLosses;
    }

    public async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var response = await _http.GetAsync(path);
        return response.StatusCode;
    }

    public Task<string> GetAsync(string path) => _http.GetStringAsync(path);

    public async Task EndsWellAsync()
    {
        await _base.ReturnsAsync(process);

        // A busy machine may look like a fault even now: then both are more, one a moment after the other.
        var losses = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                losses = await LossesAsync();
                return _witnesses.All(witness => witness.Count("status down") == losses - _lossesBefore);
            },
            () => $"each client is told of each loss once: there were {losses - _lossesBefore}, they were told of {string.Join(", ", _witnesses.Select(witness => witness.Count("status down")))}");
        await EndWitnessesAsync();
        _hasEnded = true;
        Assert.Equal(0, await process.TerminateAsync());
        var warnings = process.Lines.Where(line => line.Contains(" WRN ", StringComparison.Ordinal) && line.Contains("Redis", StringComparison.Ordinal)).ToList();
        Assert.DoesNotContain(process.Lines, line => line.Contains(" ERR ", StringComparison.Ordinal) || line.Contains("Exception", StringComparison.Ordinal));
        Assert.True(
            losses == warnings.Count(line => line.Contains("is lost", StringComparison.Ordinal)) && warnings.Count <= losses * WarningsPerLoss,
            $"There were {losses} losses, and the log says:\n{string.Join('\n', process.Lines)}");
    }

    public async ValueTask DisposeAsync()
    {
        await EndWitnessesAsync();
        _http.Dispose();
        if (_hasEnded)
        {
            await process.DisposeAsync();
        }
        else
        {
            // A test has failed, and what it says is not to be hidden by what the gateway says of its end.
            await process.KillAsync();
            await process.DisposeAsync();
        }
    }

    private async Task<int> LossesAsync() => (int)(await Scrape.OfAsync(new Uri(process.Addresses[0], "/metrics")))["messagebus_broker_losses_total"];

    private async Task EndWitnessesAsync()
    {
        await Task.WhenAll(_witnesses.Select(witness => witness.DisposeAsync().AsTask()));
        _witnesses.Clear();
    }
}
