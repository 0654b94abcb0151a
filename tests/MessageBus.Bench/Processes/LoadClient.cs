using System.Globalization;
using System.Text.Json;
using MessageBus.Bench.Load;

namespace MessageBus.Bench.Processes;

/// <summary>The bench's end of the load generator: starts it on its own core, sends requests, awaits reports.</summary>
internal sealed class LoadClient : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private LoadClient(ChildProcess process) => _process = process;

    public static LoadClient Start(Target target, string cores)
    {
        var command = Launch.Self(
            "load", target.Dialect, Text(target.Port), target.Tls ? "tls" : "plain", Text(target.RedisPort), Text(target.RedisProcess), Text(target.ServerProcess));
        command.Environment["DOTNET_gcConcurrent"] = "0";
        command.Environment["DOTNET_TieredPGO"] = "0";
        return new LoadClient(ChildProcess.Start("load generator", Launch.Pin(command, cores)));
    }

    public static Target ParseTarget(string[] arguments) => new(
        arguments[0], Number(arguments[1]), arguments[2] == "tls", Number(arguments[3]), Number(arguments[4]), Number(arguments[5]));

    /// <exception cref="BenchException">The load generator refused the request or has ended.</exception>
    public async Task<TReport> AskAsync<TReport>(LoadRequest request, TimeSpan limit, CancellationToken cancellation)
        where TReport : LoadReport
    {
        await _process.WriteLineAsync(JsonSerializer.Serialize(request), cancellation);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(limit);
        try
        {
            var line = await _process.Output.ReadAsync(late.Token);
            return JsonSerializer.Deserialize<LoadReport>(line) switch
            {
                TReport report => report,
                Refused refused => throw new BenchException(refused.Reason),
                _ => throw new BenchException(_process.Describe("unexpected answer")),
            };
        }
        catch (Exception failure) when (failure is System.Threading.Channels.ChannelClosedException or JsonException)
        {
            throw new BenchException(_process.Describe("ended unexpectedly"));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new BenchException(_process.Describe($"no answer within {limit.TotalSeconds:0} s"));
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
