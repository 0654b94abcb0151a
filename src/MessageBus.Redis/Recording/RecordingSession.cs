using Microsoft.Extensions.Logging;

namespace MessageBus.Redis.Recording;

/// <summary>
/// One session: two connections of its own. The <b>ear</b> subscribes to the recorded channels and to what recorders say; the <b>hand</b> runs one command at a
/// time. The session is over when the ear ends, because what it knows came by that one connection. A hand that ends is replaced.
/// </summary>
internal sealed partial class RecordingSession : IDisposable
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan EarPingInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryAfterError = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan ResignTimeout = TimeSpan.FromSeconds(1);

    private readonly Func<CancellationToken, Task<Stream>> _dial;
    private readonly HistoryNames _names;
    private readonly RecordingOptions _options;
    private readonly RecordingMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly List<Heard> _batch = [];

    // Guards the state, which the ear's reading thread, the hand and the watch use.
    private readonly Lock _gate = new();
    private readonly RecordingState _state;
    private readonly RecordingEar _ear;
    private RespConnection? _earConnection;
    private bool _isAnnounced;

    public RecordingSession(
        Func<CancellationToken, Task<Stream>> dial, HistoryNames names, RecordedChannels channels, RecordingOptions options, RecordingMetrics metrics, TimeProvider time, ILogger logger)
    {
        _dial = dial;
        _names = names;
        _options = options;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _state = new RecordingState(time, TimeSpan.FromSeconds(3 + (Random.Shared.NextDouble() * 1.5)));
        _ear = new RecordingEar(names, channels, _state);
    }

    public void Dispose() => _wake.Dispose();

    /// <summary>What the session is and has at the moment. Any thread.</summary>
    public RecordingReport Report()
    {
        lock (_gate)
        {
            var role = _state.Token is not null ? RecordingRole.Recorder : _state.IsInStep ? RecordingRole.Follower : RecordingRole.Watcher;
            return new RecordingReport(role, _state.Queued, _state.OldestAge, _state.SilentFor);
        }
    }

    /// <summary>Serves until the ear ends, a fault, or the stop; returns why it ended.</summary>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await using var ear = RespConnection.Start(await _dial(cancellationToken), Hear, _options.CommandTimeout, _time);
            _earConnection = ear;
            await DemandPrimaryAsync(ear);
            await _ear.SubscribeAsync(ear);
            var hand = UseHandAsync(ending.Token);
            var watch = WatchAsync(ear, ending.Token);
            await Task.WhenAny(hand, watch, ear.Ended);
            await ending.CancelAsync();
            await Task.WhenAll(hand, watch);
            return ear.Reason?.Message ?? _state.Fault ?? "It was stopped.";
        }
        catch (Exception e)
        {
            return e.Message;
        }
    }

    /// <summary>On a replica nothing can be recorded; in a cluster the bus between the nodes may drop a message unseen.</summary>
    private static async Task DemandPrimaryAsync(RespConnection ear)
    {
        if (await AskAsync(ear, new RespCommand("ROLE")) is { Items: [{ Bytes: { } role }, ..] } && !role.AsSpan().SequenceEqual("master"u8))
        {
            throw new InvalidOperationException("Redis is a replica: nothing can be recorded there.");
        }

        if ((await AskAsync(ear, new RespCommand("INFO", "cluster"))).Text.Contains("cluster_enabled:1", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("Redis is a cluster: history needs a single primary.");
        }
    }

    /// <summary>The answer; none where the user may not ask.</summary>
    private static async Task<RespReply> AskAsync(RespConnection connection, RespCommand question)
    {
        try
        {
            return await connection.CallAsync(question);
        }
        catch (RespErrorException e) when (e.Code is "NOPERM")
        {
            return default;
        }
    }

    private void Hear(RespReply[] push)
    {
        lock (_gate)
        {
            _ear.Hear(push);
            if (_state.Fault is null && _state.Next() is RecordingStep.Wait)
            {
                return;
            }
        }

        Wake();
    }

    private async Task UseHandAsync(CancellationToken cancellationToken)
    {
        RecordingHand? hand = null;
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                try
                {
                    hand ??= await RecordingHand.OpenAsync(
                        RespConnection.Start(await _dial(cancellationToken), onPush: null, _options.CommandTimeout, _time), _names, _options.PositionAge);
                    await StepAsync(hand, cancellationToken);
                }
                catch (RespErrorException e) when (e.Code is "FENCED")
                {
                    // Another session records: this one has been told on its ear, or is about to be.
                    LoseHand();
                }
                catch (Exception e) when (e is RespErrorException or IOException or System.Net.Sockets.SocketException or TimeoutException)
                {
                    // A token is good for the hand on which it was taken. The queue stays: the next take is warm.
                    LoseHand();
                    LogHandFailed(e.Message);
                    await (hand?.DisposeAsync() ?? default);
                    hand = null;
                    await Task.Delay(RetryAfterError, _time, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            await ResignAsync(hand);
        }
        finally
        {
            LoseHand();
            await (hand?.DisposeAsync() ?? default);
        }
    }

    private async Task StepAsync(RecordingHand hand, CancellationToken cancellationToken)
    {
        // A follower does not use its hand for long, and needs it at once when the recorder ends.
        hand.DemandAlive();

        RecordingStep step;
        lock (_gate)
        {
            step = _state.Next();
        }

        switch (step)
        {
            case RecordingStep.Append:
                await AppendAsync(hand);
                break;

            case RecordingStep.Take:
                await TakeAsync(hand, mustBeCold: false);
                break;

            case RecordingStep.Mark when await hand.IsAloneAsync():
                lock (_gate)
                {
                    _state.LetTake();
                }

                break;

            case RecordingStep.Mark:
                string mark;
                lock (_gate)
                {
                    mark = _state.BeginMark();
                }

                await hand.PublishAsync(_names.Marks, mark);
                break;

            default:
                if (Report().Role is not RecordingRole.Watcher)
                {
                    await AnnounceAsync();
                }

                await _wake.WaitAsync(WatchInterval, cancellationToken);
                break;
        }
    }

    private async Task AppendAsync(RecordingHand hand)
    {
        string token;
        bool ticks;
        bool mustPass;
        lock (_gate)
        {
            if (_state.Token is null)
            {
                return;
            }

            token = _state.Token;
            mustPass = _state.MustPass;
            ticks = _state.NextBatch(_batch);
        }

        var began = _time.GetTimestamp();
        try
        {
            if (!mustPass)
            {
                await hand.AppendAsync(token, _batch, ticks);
                _metrics.Appended(_batch.Count, _time.GetElapsedTime(began));
                return;
            }
        }
        catch (RespErrorException e) when (RecordingHand.RefusesWrites(e))
        {
            // The whole batch failed before its first write. It passes live, without positions, as do those behind it until a new epoch can be begun.
            LogNotRecording(e.Message);
            lock (_gate)
            {
                _state.MustPass = true;
            }
        }

        await hand.PassAsync(token, _batch, ticks);
        _metrics.Passed(_batch.Count);
        if (ticks && await hand.CanWriteAsync())
        {
            // What has passed is not in the log.
            await TakeAsync(hand, mustBeCold: true);
        }
    }

    private async Task TakeAsync(RecordingHand hand, bool mustBeCold)
    {
        await AnnounceAsync();
        var expected = await hand.TokenAsync();
        (string Token, bool IsCold) take;
        lock (_gate)
        {
            take = _state.BeginTake();
        }

        var isCold = mustBeCold || take.IsCold;
        if (await hand.TakeAsync(expected, take.Token, isCold))
        {
            _metrics.Took(isCold);
            return;
        }

        _metrics.TakeLost();
        lock (_gate)
        {
            _state.TakeLost();
        }
    }

    /// <summary>The next recorder need not find out that this one has stopped.</summary>
    private async Task ResignAsync(RecordingHand? hand)
    {
        if (hand is not null && Report().Role is RecordingRole.Recorder)
        {
            await Task.WhenAny(hand.PublishAsync(_names.Control, "tick resign"), Task.Delay(ResignTimeout, _time));
        }
    }

    /// <summary>Says, as a subscriber that Redis counts, that a session is in step or about to take.</summary>
    private async Task AnnounceAsync()
    {
        if (!_isAnnounced)
        {
            _isAnnounced = true;
            await _earConnection!.CallAsync(new RespCommand("SUBSCRIBE", _names.InStep));
        }
    }

    private async Task WatchAsync(RespConnection ear, CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(WatchInterval, _time);
            var pingedAt = _time.GetTimestamp();
            var retryAt = _time.GetTimestamp();
            while (await timer.WaitForNextTickAsync(cancellationToken) && !HasFault())
            {
                var suspects = _time.GetTimestamp() >= retryAt && Suspects();
                if (!suspects && _time.GetElapsedTime(pingedAt) < EarPingInterval)
                {
                    continue;
                }

                // A process that was stopped for long first takes in what it slept through: everything that came before the answer has been heard.
                await ear.CallAsync(new RespCommand("PING"));
                pingedAt = _time.GetTimestamp();
                if (suspects && Suspects())
                {
                    LetTake();
                    retryAt = pingedAt + (long)((0.5 + (Random.Shared.NextDouble() * 0.3)) * _time.TimestampFrequency);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The session ends.
        }
    }

    private bool HasFault()
    {
        lock (_gate)
        {
            if (_state.Fault is null)
            {
                return false;
            }

            LogOutOfStep(_state.Fault);
        }

        _metrics.OutOfStep();
        return true;
    }

    private bool Suspects()
    {
        lock (_gate)
        {
            return _state.SuspectsSilence;
        }
    }

    private void LetTake()
    {
        lock (_gate)
        {
            _state.LetTake();
        }

        Wake();
    }

    private void LoseHand()
    {
        lock (_gate)
        {
            _state.LoseHand();
        }
    }

    private void Wake()
    {
        try
        {
            if (_wake.CurrentCount is 0)
            {
                _wake.Release();
            }
        }
        catch (SemaphoreFullException)
        {
            // Another thread has woken it.
        }
    }
}
