using MessageBus.Delivery;
using MessageBus.Limits;
using MessageBus.Protocol;
using Microsoft.Extensions.Logging;

namespace MessageBus.Connections;

/// <summary>
/// Empties a gateway that is being stopped: no new connections, <c>moving</c> to those that are here, then their closes, spread so that the other
/// gateways can take them in. What waits for a connection is sent before its close frame.
/// </summary>
internal sealed partial class Drain(
    ConnectionRegistry registry, DeliveryLoops loops, DrainOptions options, LimitOptions limits, TimeProvider time, ILogger<Drain> logger)
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    /// <summary>For connections that were cut to end: their reads fail at once.</summary>
    private static readonly TimeSpan CutGrace = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = logger;

    /// <summary>Ends when no connection is left. May be called again.</summary>
    /// <param name="cancellationToken">Cuts what is left at once.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // Before they are counted: a connection that comes from now on is closed by the registry.
        registry.BeginClosing();
        var leaving = registry.All.ToArray();
        if (leaving.Length is 0)
        {
            return;
        }

        var window = WindowFor(leaving.Length);
        LogBegun(leaving.Length, window);
        loops.TellAll(new SharedMessage(new ServerMessage.Moving(window)));
        using var deadline = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            Random.Shared.Shuffle(leaving);
            await CloseOverAsync(leaving, window, either.Token);
            await registry.WaitUntilEmptyAsync().WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            await CutAsync();
        }
    }

    private TimeSpan WindowFor(int connections)
    {
        var wanted = TimeSpan.FromSeconds((double)connections / options.ConnectionsPerSecond);
        var longest = options.Timeout - limits.CloseTimeout;
        return wanted < longest ? wanted : longest > TimeSpan.Zero ? longest : TimeSpan.Zero;
    }

    /// <summary>Closes one after the other, in even steps. Those that left by themselves meanwhile are not waited for.</summary>
    private async Task CloseOverAsync(Connection[] leaving, TimeSpan window, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var closing = new List<Task>(leaving.Length);
        using var steps = new PeriodicTimer(Step, time);
        do
        {
            var passed = time.GetElapsedTime(began);
            var due = passed >= window ? leaving.Length : 1 + (int)((leaving.Length - 1) * (passed / window));
            while (closing.Count < due)
            {
                closing.Add(leaving[closing.Count].LeaveAsync(CloseReason.ShuttingDown));
            }
        }
        while (closing.Count < leaving.Length && !registry.IsEmpty && await steps.WaitForNextTickAsync(cancellationToken));

        await Task.WhenAll(closing).WaitAsync(cancellationToken);
    }

    private async Task CutAsync()
    {
        var left = registry.All.ToList();
        LogCut(left.Count);
        left.ForEach(connection => connection.Abort());

        // One that does not even end now waits for something else than its client. The process need not wait for it.
        await Task.WhenAny(registry.WaitUntilEmptyAsync(), Task.Delay(CutGrace, time, CancellationToken.None));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping: {Connections} connections are told to move, and are closed over {Window}.")]
    private partial void LogBegun(int connections, TimeSpan window);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The time to stop is over: {Connections} connections are cut.")]
    private partial void LogCut(int connections);
}
