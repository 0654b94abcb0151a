using System.Diagnostics;
using System.Threading.Channels;

namespace MessageBus.Bench.Processes;

/// <summary>A process that the bench has started and ends again, by its id, whatever happens.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int KeptLines = 8;

    private static readonly HashSet<ChildProcess> Running = [];

    private readonly Process _process;
    private readonly string _name;
    private readonly Queue<string> _lastLines = [];
    private readonly Channel<string> _output = Channel.CreateUnbounded<string>();

    static ChildProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) => KillAll();

    private ChildProcess(string name, Process process)
    {
        _name = name;
        _process = process;
    }

    public int Id => _process.Id;

    /// <summary>Lines of its standard output, in order; ends with the process.</summary>
    public ChannelReader<string> Output => _output.Reader;

    public static ChildProcess Start(string name, ProcessStartInfo command)
    {
        command.RedirectStandardInput = command.RedirectStandardOutput = command.RedirectStandardError = true;
        var child = new ChildProcess(name, new Process { StartInfo = command });
        child._process.OutputDataReceived += (_, line) => child.OnLine(line.Data, isOutput: true);
        child._process.ErrorDataReceived += (_, line) => child.OnLine(line.Data, isOutput: false);
        child._process.Start();
        lock (Running)
            Running.Add(child);
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Runs a command to its end; null where it succeeded, otherwise why it did not.</summary>
    public static async Task<string?> RunAsync(string name, ProcessStartInfo command, CancellationToken cancellation)
    {
        await using var child = Start(name, command);
        await child._process.WaitForExitAsync(cancellation);
        return child._process.ExitCode == 0 ? null : child.Describe($"exit code {child._process.ExitCode}");
    }

    public async Task WriteLineAsync(string line, CancellationToken cancellation)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellation);
        await _process.StandardInput.FlushAsync(cancellation);
    }

    /// <summary>Asks every 50 ms until <paramref name="isReady"/>.</summary>
    /// <exception cref="BenchException">The process has ended, or was not ready within <paramref name="limit"/>.</exception>
    public async Task WaitUntilAsync(Func<Task<bool>> isReady, TimeSpan limit, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await isReady())
        {
            if (_process.HasExited)
                throw new BenchException(Describe($"ended with exit code {_process.ExitCode}"));
            if (Stopwatch.GetElapsedTime(start) > limit)
                throw new BenchException(Describe($"not ready within {limit.TotalSeconds:0} s"));
            await Task.Delay(50, cancellation);
        }
    }

    /// <summary>What happened and the process' last words.</summary>
    public string Describe(string what)
    {
        lock (_lastLines)
            return string.Join('\n', [$"{_name}: {what}", .. _lastLines]);
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync();
        lock (Running)
            Running.Remove(this);
        _process.Dispose();
    }

    private static void KillAll()
    {
        lock (Running)
        {
            foreach (var child in Running)
                child.Kill();
        }
    }

    private void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has already ended.
        }
    }

    private void OnLine(string? line, bool isOutput)
    {
        if (line is null)
        {
            if (isOutput)
                _output.Writer.TryComplete();
            return;
        }

        lock (_lastLines)
        {
            _lastLines.Enqueue(line.Length > 300 ? line[..300] : line);
            if (_lastLines.Count > KeptLines)
                _lastLines.Dequeue();
        }

        if (isOutput)
            _output.Writer.TryWrite(line);
    }
}
