using MessageBus.Bench.Processes;

namespace MessageBus.Bench.Systems;

/// <summary>A started system.</summary>
internal sealed class RunningSystem : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);

    private readonly ChildProcess _process;

    private RunningSystem(ChildProcess process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    public int Id => _process.Id;

    /// <exception cref="BenchException">It did not become ready.</exception>
    public static async Task<RunningSystem> StartAsync(
        ISystem system, int redisPort, Certificate certificate, string cores, CancellationToken cancellation)
    {
        var placement = new Placement(Machine.FreePort(), redisPort, certificate);
        var process = ChildProcess.Start(system.Name, Launch.Pin(system.Command(placement), cores));
        try
        {
            if (system.HealthPath is { } path)
                await AwaitHealthAsync(process, new Uri($"{(system.Tls ? "https" : "http")}://127.0.0.1:{placement.Port}{path}"), cancellation);
            else
                await process.WaitUntilAsync(() => Task.FromResult(process.Output.TryRead(out var line) && line == "ready"), StartLimit, cancellation);
            return new RunningSystem(process, placement.Port);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task AwaitHealthAsync(ChildProcess process, Uri health, CancellationToken cancellation)
    {
        using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true };
        using var http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(2) };
        await process.WaitUntilAsync(IsReadyAsync, StartLimit, cancellation);

        async Task<bool> IsReadyAsync()
        {
            try
            {
                using var answer = await http.GetAsync(health, cancellation);
                return answer.IsSuccessStatusCode;
            }
            catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
            {
                return false;
            }
        }
    }
}
