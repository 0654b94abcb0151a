using Microsoft.Extensions.Logging;

namespace MessageBus.Redis.Recording;

/// <summary>A gateway's part in recording: one session after the other, for as long as the gateway runs.</summary>
internal sealed partial class Recorder(
    Func<CancellationToken, Task<Stream>> dial,
    HistoryNames names,
    RecordedChannels channels,
    RecordingOptions options,
    RecordingMetrics metrics,
    TimeProvider time,
    ILogger<Recorder> logger)
{
    private readonly ILogger _logger = logger;
    private RecordingSession? _session;

    /// <summary>The session of the moment; null between two.</summary>
    public RecordingSession? Session => Volatile.Read(ref _session);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        string? told = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            using var session = new RecordingSession(dial, names, channels, options, metrics, time, _logger);
            Volatile.Write(ref _session, session);
            var reason = await session.RunAsync(cancellationToken);
            Volatile.Write(ref _session, null);
            if (!cancellationToken.IsCancellationRequested && reason != told)
            {
                told = reason;
                LogSessionEnded(reason);
            }

            await Task.Delay(TimeSpan.FromSeconds(0.1 + (System.Random.Shared.NextDouble() * 0.2)), time, cancellationToken)
                .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A recording session has ended, and another one begins: {Reason}")]
    private partial void LogSessionEnded(string reason);
}
